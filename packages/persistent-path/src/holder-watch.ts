/** One look at the holder of the instance lock, as a stand-by takes it about once a second. */
export interface HolderLook {
  /** Monotonic time of the observer, milliseconds. */
  readonly atMs: number
  /** The holder's run and counter; undefined when its file is missing or unreadable. */
  readonly sign: { readonly run: string; readonly counter: number } | undefined
  /** Whether its control socket answered at this look. */
  readonly isAnswering: boolean
}

export interface HolderWatchLimits {
  /** How long the counter may stand still, milliseconds; 10 000 unless told. */
  readonly stillMs: number
  /** A longer pause between two looks means that the observer itself was asleep, milliseconds; 4 000 unless told. */
  readonly maxGapMs: number
}

/**
 * Decides from looks alone whether the holder is stuck: its counter stood still for `stillMs` and it answered at none of these looks.
 * Invariant 5: counts only time that this observer watched, on its own monotonic clock; no wall clock and no time of the other side.
 */
export class HolderWatch {
  readonly #limits: HolderWatchLimits
  #lastAtMs: number | undefined
  #stillSinceMs = 0
  #lastSign = ''

  constructor(limits: HolderWatchLimits = { stillMs: 10_000, maxGapMs: 4_000 }) {
    this.#limits = limits
  }

  /** Takes one look; true when the holder counts as stuck now. */
  isStuck(look: HolderLook): boolean {
    const sign = look.sign === undefined ? 'none' : `${look.sign.run}:${look.sign.counter}`
    const wasAsleep = this.#lastAtMs === undefined || look.atMs - this.#lastAtMs > this.#limits.maxGapMs
    if (wasAsleep || look.isAnswering || sign !== this.#lastSign) this.#stillSinceMs = look.atMs
    this.#lastAtMs = look.atMs
    this.#lastSign = sign
    return look.atMs - this.#stillSinceMs >= this.#limits.stillMs
  }
}
