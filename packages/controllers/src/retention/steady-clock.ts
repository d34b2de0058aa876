import type { Clock } from '@skykeep/core/clock'

/** Both clocks must have run together for so long. */
const provingMs = 3_600_000
/** What they may drift apart in that time. */
const toleranceMs = 60_000

/**
 * A wall clock that is believed only once it has run as the monotonic one does for an hour: one that jumps ahead for a moment must not make
 * the whole history too old (invariant 5).
 */
export class SteadyClock {
  readonly #clock: Clock
  #offsetMs: number
  #sinceMs: number

  constructor(clock: Clock) {
    this.#clock = clock
    this.#offsetMs = clock.now() - clock.monotonicMs()
    this.#sinceMs = clock.monotonicMs()
  }

  /** Wall time; null while it is not believed. */
  now(): number | null {
    const nowMs = this.#clock.now()
    const monotonicMs = this.#clock.monotonicMs()
    const offsetMs = nowMs - monotonicMs
    if (Math.abs(offsetMs - this.#offsetMs) > toleranceMs) {
      this.#offsetMs = offsetMs
      this.#sinceMs = monotonicMs
    }
    return monotonicMs - this.#sinceMs >= provingMs ? nowMs : null
  }
}
