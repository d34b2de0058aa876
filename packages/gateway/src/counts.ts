import type { Clock } from '@skykeep/core/clock'
import type { CountsBatch, SecondCounts } from '@skykeep/core/routes'
import { ServiceCounter } from './service-counter.ts'

/** A wall clock that is this far from where it should be was set: the counts follow it. */
const jumpMs = 2000
const keptMs = 600_000
const maxKept = 200_000
const maxBatch = 5000

interface ClosedSecond {
  /** Monotonic ms at which it was over. */
  readonly atMs: number
  readonly counts: SecondCounts
}

/**
 * Per-second counts by service and replica (invariant 11), kept until acked, at most ten minutes. Seconds are as long as the
 * monotonic clock says; a wall clock that was set is followed at once, and counts as a loss.
 */
export class Counts {
  readonly epoch: string
  private readonly services = new Map<string, ServiceCounter>()
  private closed: ClosedSecond[] = []
  private seq = 0
  private second: number
  private since: number
  private readonly clock: Clock
  /** Wall clock less monotonic clock, ms. */
  private offsetMs: number

  constructor(epoch: string, clock: Clock) {
    this.epoch = epoch
    this.clock = clock
    this.offsetMs = clock.now() - clock.monotonicMs()
    this.second = Math.floor(clock.now() / 1000)
    this.since = this.second + 1
  }

  /** The first second from which on nothing is missing that a process counted which is gone. */
  get sinceSecond(): number {
    return this.since
  }

  /** The last second that is over. */
  get closedSecond(): number {
    this.roll()
    return this.second - 1
  }

  /** A sibling is gone, and with it what it had not told: from the next second on the counts are whole again. */
  noteLoss(): void {
    this.roll()
    this.since = this.second + 1
  }

  /** The service's counter: one for as long as a table names the service, and after that until its last request ended. */
  of(serviceUid: string): ServiceCounter {
    let counter = this.services.get(serviceUid)
    if (counter === undefined) {
      counter = new ServiceCounter(serviceUid)
      this.services.set(serviceUid, counter)
    }
    counter.isGone = false
    return counter
  }

  /** Called by the sweep: closes the second when it is over. */
  roll(): void {
    const { clock } = this
    const monotonicMs = clock.monotonicMs()
    const offsetMs = clock.now() - monotonicMs
    if (Math.abs(offsetMs - this.offsetMs) > jumpMs) {
      this.offsetMs = offsetMs
      this.close(Math.floor((monotonicMs + offsetMs) / 1000), monotonicMs)
      this.since = this.second + 1
      return
    }
    const current = Math.floor((monotonicMs + this.offsetMs) / 1000)
    if (current <= this.second) return
    this.close(current, monotonicMs)
    this.dropBefore(monotonicMs - keptMs)
  }

  private close(next: number, atMs: number): void {
    const { epoch, second } = this
    for (const [serviceUid, counter] of this.services) {
      for (const counts of counter.close()) {
        this.seq += 1
        this.closed.push({ atMs, counts: { seq: this.seq, epoch, second, serviceUid, ...counts } })
      }
      if (counter.isGone && counter.inFlight === 0) this.services.delete(serviceUid)
    }
    this.second = next
  }

  private dropBefore(ms: number): void {
    let dropped = Math.max(0, this.closed.length - maxKept)
    while (dropped < this.closed.length && (this.closed[dropped]?.atMs ?? ms) < ms) dropped += 1
    if (dropped === 0) return
    // What nobody took is missing from now on; a second that is still to come is one of a clock that was set back.
    const { second } = this.closed[dropped - 1]?.counts ?? { second: -1 }
    if (second < this.second && second >= this.since) this.since = second + 1
    this.closed = this.closed.slice(dropped)
  }

  /** The closed seconds after `seq`, at most 5000. */
  after(seq: number): CountsBatch {
    this.roll()
    const counts: SecondCounts[] = []
    for (const entry of this.closed) {
      if (entry.counts.seq <= seq) continue
      if (counts.length === maxBatch) break
      counts.push(entry.counts)
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
    this.closed = this.closed.filter(({ counts }) => counts.seq > seq)
  }
}
