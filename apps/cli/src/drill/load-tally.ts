import type { DrillLoad } from '@skykeep/core/nouns'

/**
 * Adds up what clients saw. Times are milliseconds of one monotonic clock, given by the caller. Nothing counts before `begin`, but the
 * last good answer before it is where the first gap starts.
 */
export class LoadTally {
  #lastGoodAt: number
  #requests = 0
  #repeated = 0
  #longestGapMs = 0
  #slowestMs = 0
  readonly #failed = new Map<string, number>()

  constructor(nowMs: number) {
    this.#lastGoodAt = nowMs
  }

  /** Forgets what was counted: from now on it counts. */
  begin(): void {
    this.#requests = 0
    this.#repeated = 0
    this.#longestGapMs = 0
    this.#slowestMs = 0
    this.#failed.clear()
  }

  /** A good answer to a request that was due at `dueAtMs`: what it waited for its turn is part of what it took. */
  good(dueAtMs: number, nowMs: number, isRepeated: boolean): void {
    this.#requests += 1
    if (isRepeated) this.#repeated += 1
    this.#slowestMs = Math.max(this.#slowestMs, nowMs - dueAtMs)
    this.#longestGapMs = Math.max(this.#longestGapMs, nowMs - this.#lastGoodAt)
    this.#lastGoodAt = nowMs
  }

  /** A request without a good answer. */
  bad(kind: string): void {
    this.#requests += 1
    this.#failed.set(kind, (this.#failed.get(kind) ?? 0) + 1)
  }

  /** Good answers since it began. */
  get goodCount(): number {
    return this.#requests - this.failedCount
  }

  get failedCount(): number {
    return [...this.#failed.values()].reduce((sum, count) => sum + count, 0)
  }

  /** What was seen, when no request is due any more from `endMs` on. */
  total(endMs: number): DrillLoad {
    return {
      requests: this.#requests,
      failed: Object.fromEntries(this.#failed),
      repeated: this.#repeated,
      longestGapMs: Math.round(Math.max(this.#longestGapMs, endMs - this.#lastGoodAt)),
      slowestMs: Math.round(this.#slowestMs),
    }
  }
}
