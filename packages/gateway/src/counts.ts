import type { CountsBatch, SecondCounts } from '@skykeep/core/routes'

const keptSeconds = 600
const maxKept = 200_000
const maxBatch = 5000

/** The running second of one service. */
interface OpenSecond {
  started: number
  ended: number
  failed: number
  readonly byClass: [number, number, number, number]
  sumMs: number
  inFlightPeak: number
}

/** What ended, as counted. */
export interface Ended {
  readonly status: number
  readonly hasFailed: boolean
  readonly tookMs: number
}

/**
 * Per-second counts by service (invariant 11), kept until acked, at most ten minutes. Seconds follow the monotonic
 * clock from the start of the process, so that a wall clock that jumps makes no second twice.
 */
export class Counts {
  readonly epoch: string
  private readonly open = new Map<string, OpenSecond>()
  private readonly inFlight = new Map<string, number>()
  private closed: SecondCounts[] = []
  private seq = 0
  private second: number
  private readonly now: () => number

  /** @param now milliseconds since the Unix epoch that never go back. */
  constructor(epoch: string, now: () => number) {
    this.epoch = epoch
    this.now = now
    this.second = Math.floor(now() / 1000)
  }

  start(serviceUid: string): void {
    const second = this.openSecond(serviceUid)
    const inFlight = (this.inFlight.get(serviceUid) ?? 0) + 1
    this.inFlight.set(serviceUid, inFlight)
    second.started += 1
    if (inFlight > second.inFlightPeak) second.inFlightPeak = inFlight
  }

  end(serviceUid: string, ended: Ended): void {
    const second = this.openSecond(serviceUid)
    const inFlight = (this.inFlight.get(serviceUid) ?? 1) - 1
    if (inFlight === 0) this.inFlight.delete(serviceUid)
    else this.inFlight.set(serviceUid, inFlight)
    second.ended += 1
    second.sumMs += ended.tookMs
    if (ended.hasFailed) second.failed += 1
    const statusClass = Math.floor(ended.status / 100) - 2
    if (statusClass >= 0 && statusClass <= 3) second.byClass[statusClass as 0 | 1 | 2 | 3] += 1 // 0 to 3 by the test before it
  }

  private openSecond(serviceUid: string): OpenSecond {
    const second = this.open.get(serviceUid)
    if (second !== undefined) return second
    const inFlightPeak = this.inFlight.get(serviceUid) ?? 0
    const opened: OpenSecond = {
      started: 0,
      ended: 0,
      failed: 0,
      byClass: [0, 0, 0, 0],
      sumMs: 0,
      inFlightPeak,
    }
    this.open.set(serviceUid, opened)
    return opened
  }

  /** Called by the sweep: closes the second when it is over. */
  roll(): void {
    const current = Math.floor(this.now() / 1000)
    if (current <= this.second) return
    for (const [serviceUid, counts] of this.open) {
      this.seq += 1
      this.closed.push({ seq: this.seq, epoch: this.epoch, second: this.second, serviceUid, ...counts })
    }
    this.open.clear()
    for (const serviceUid of this.inFlight.keys()) this.openSecond(serviceUid)
    this.second = current
    this.dropBefore(current - keptSeconds)
  }

  private dropBefore(second: number): void {
    let dropped = Math.max(0, this.closed.length - maxKept)
    while (dropped < this.closed.length && (this.closed[dropped]?.second ?? second) < second) dropped += 1
    if (dropped > 0) this.closed = this.closed.slice(dropped)
  }

  /** The closed seconds after `seq`, at most 5000. */
  after(seq: number): CountsBatch {
    this.roll()
    const counts: SecondCounts[] = []
    for (const entry of this.closed) {
      if (entry.seq <= seq) continue
      if (counts.length === maxBatch) break
      counts.push(entry)
    }
    return {
      epoch: this.epoch,
      counts,
      lastSeq: counts.at(-1)?.seq ?? seq,
      ...(counts.length < maxBatch ? { completeToSecond: this.second - 1 } : {}),
    }
  }

  /** Closed seconds that are not acked. */
  get kept(): number {
    this.roll()
    return this.closed.length
  }

  /** Forgets what the worker has stored. */
  ack(seq: number): void {
    this.closed = this.closed.filter((entry) => entry.seq > seq)
  }
}
