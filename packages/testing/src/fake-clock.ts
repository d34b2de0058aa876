import type { Clock } from '@skykeep/core/clock'

/** A clock that stands still until it is moved; wall and monotonic time move apart, as on a real machine. */
export class FakeClock implements Clock {
  #wallMs: number
  #monotonicMs = 0

  constructor(wallMs = Date.UTC(2026, 0, 1)) {
    this.#wallMs = wallMs
  }

  now(): number {
    return this.#wallMs
  }

  monotonicMs(): number {
    return this.#monotonicMs
  }

  /** Time passes: both clocks move. */
  pass(ms: number): void {
    this.#wallMs += ms
    this.#monotonicMs += ms
  }

  /** Stands at given times, as at the beginning of another test. */
  standAt(wallMs: number, monotonicMs: number): void {
    this.#wallMs = wallMs
    this.#monotonicMs = monotonicMs
  }

  /** Someone sets the wall clock: the monotonic one knows nothing of it. */
  jump(ms: number): void {
    this.#wallMs += ms
  }
}
