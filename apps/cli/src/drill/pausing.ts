import { Interrupted } from '../client/interrupted.ts'

/** Waits. Throws Interrupted as soon as the signal is aborted. */
export async function pauseFor(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  await new Promise<void>((resolve, reject) => {
    const aborted = (): void => {
      clearTimeout(timer)
      reject(signal.reason instanceof Error ? signal.reason : new Interrupted('interrupted'))
    }
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', aborted)
      resolve()
    }, ms)
    signal.addEventListener('abort', aborted, { once: true })
  })
}

/** Looks until it is true or the time is up, and returns which. Throws Interrupted. */
export async function watchUntil(
  isTrue: () => boolean | Promise<boolean>,
  { withinMs, everyMs, signal }: WatchBounds,
): Promise<boolean> {
  const deadline = performance.now() + withinMs
  for (;;) {
    if (await isTrue()) return true
    if (performance.now() > deadline) return false
    await pauseFor(everyMs, signal)
  }
}

export interface WatchBounds {
  readonly withinMs: number
  readonly everyMs: number
  readonly signal: AbortSignal
}
