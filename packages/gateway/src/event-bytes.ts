/** Longest event that is copied here. */
export const maxEventBytes = 4096

let memory = Buffer.allocUnsafeSlow(maxEventBytes)
/** By length, each from the start: nothing is made for an event as long as one before. */
const views: (Buffer | null)[] = Array.from({ length: maxEventBytes + 1 }, () => null)

/** A copy of at most `maxEventBytes`, for one write; valid until the next call, or for good once it is lent. */
export function eventCopy(bytes: Buffer, from: number, to: number): Buffer {
  bytes.copy(memory, 0, from, to)
  const length = to - from
  return (views[length] ??= memory.subarray(0, length))
}

/** The write of the last copy has not ended: the memory is left to it. */
export function lendEventCopy(): void {
  memory = Buffer.allocUnsafeSlow(maxEventBytes)
  views.fill(null)
}
