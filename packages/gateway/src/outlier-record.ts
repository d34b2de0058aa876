/** The longest time out, as a multiple of the first one: Envoy's 300 s to its 30 s. */
const longestTimes = 10

/**
 * Where a replica stands with its service's outlier detection. `in`: it is chosen. `out`: it is not, for its time. `open`: its time is over, and
 * the next request that is given to it is its trial. `asked`: that one is under way, and it gets no other.
 */
type OutlierPhase = 'in' | 'out' | 'open' | 'asked'

/** What outlier detection knows of one replica. */
export class OutlierRecord {
  phase: OutlierPhase = 'in'
  /** Failures since the last good answer. */
  consecutive = 0
  /** In the running interval. */
  answers = 0
  errors = 0
  /** Times out, less one for each interval that it has been in since: its next time out is so many times longer. */
  times = 0
  /** Monotonic ms at which its time out, or what it has for its trial, is over. */
  until = 0

  /** Takes it out, each time for longer. @param firstMs how long the first time. @param now monotonic ms. */
  holdOut(firstMs: number, now: number): void {
    this.times = Math.min(longestTimes, this.times + 1)
    this.until = now + firstMs * this.times
    this.phase = 'out'
  }

  /** Begins anew, but for how often it was out. */
  letIn(): void {
    this.phase = 'in'
    this.consecutive = 0
    this.closeInterval()
  }

  closeInterval(): void {
    this.answers = 0
    this.errors = 0
  }
}
