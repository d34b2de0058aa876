import { latencyBoundsMs } from '@skykeep/core/routes'
import type { HedgeRoute } from '@skykeep/core/routes'

/** What is left of an answer's weight a second later: after half a minute it is a half. */
const keptEachSecond = 0.5 ** (1 / 30)
/** With fewer answers a percentile says nothing. */
const leastAnswers = 50

/**
 * How long a request waits for its first byte before a second replica is asked: a fixed time, or a percentile of the recent times to the first byte
 * (Dean and Barroso, "The Tail at Scale", 2013: past the 95th percentile a second request adds 5 % of load and takes most of the
 * tail away). Allocates nothing by itself, and is the same number for every request until the next look.
 */
export class HedgeDelay {
  readonly route: HedgeRoute
  /** Infinity: not known, and nobody is asked. */
  delayMs: number
  private seen: readonly number[] = []
  private readonly recent: number[] = [...latencyBoundsMs.map(() => 0), 0]

  constructor(route: HedgeRoute) {
    this.route = route
    this.delayMs = route.afterSeconds === undefined ? Infinity : route.afterSeconds * 1000
  }

  /** Called every second. @param counts of all times so far, one a bound of `latencyBoundsMs` and one above; empty: none. */
  look(counts: readonly number[]): void {
    const { percentile } = this.route
    if (percentile === undefined) return
    for (const [at, before] of this.recent.entries())
      this.recent[at] = before * keptEachSecond + (counts[at] ?? 0) - (this.seen[at] ?? 0)
    this.seen = counts.slice()
    this.delayMs = percentileOf(this.recent, percentile)
  }
}

/** By the bucket that it falls into, evenly within that; Infinity above all bounds, or of too few. Pure. @param percentile 0 to 100. */
export function percentileOf(counts: readonly number[], percentile: number): number {
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total < leastAnswers) return Infinity
  let left = (total * percentile) / 100
  let lower = 0
  for (const [at, upper] of latencyBoundsMs.entries()) {
    const count = counts[at] ?? 0
    if (count > 0 && left <= count) return lower + ((upper - lower) * left) / count
    left -= count
    lower = upper
  }
  return Infinity
}
