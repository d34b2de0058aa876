import type { Clock } from '@skykeep/core/clock'
import { SkykeepError } from '@skykeep/core/errors'

export interface AttemptLimitSettings {
  /** Failures in a row of one caller before it has to wait. */
  readonly failuresMax: number
  /** Failures of all callers together in one window before everybody waits: guessing from many addresses. */
  readonly totalFailuresMax: number
  readonly windowMs: number
  /** Callers remembered; the oldest is forgotten first. */
  readonly callersMax: number
}

export const signInAttempts: AttemptLimitSettings = {
  failuresMax: 10,
  totalFailuresMax: 200,
  windowMs: 60_000,
  callersMax: 1_000,
}

/** Bounds failed sign-ins of one process, by caller and in all. Kept in memory: a restart forgives, which 256-bit codes can bear. */
export class AttemptLimit {
  readonly #clock: Clock
  readonly #settings: AttemptLimitSettings
  readonly #callers = new Map<string, { failures: number; sinceMs: number }>()
  #all = { failures: 0, sinceMs: 0 }

  constructor(clock: Clock, settings: AttemptLimitSettings = signInAttempts) {
    this.#clock = clock
    this.#settings = settings
    this.#all = { failures: 0, sinceMs: clock.monotonicMs() }
  }

  /** Throws UNAVAILABLE, saying for how long, when this caller or everybody has failed too often. */
  check(caller: string): void {
    const waitMs = Math.max(
      this.#waitMs(this.#callers.get(caller), this.#settings.failuresMax),
      this.#waitMs(this.#all, this.#settings.totalFailuresMax),
    )
    if (waitMs === 0) return
    throw new SkykeepError('UNAVAILABLE', 'too many failed sign-ins', {
      userMessage: 'Too many failed sign-ins.',
      hint: `Wait ${Math.ceil(waitMs / 1000)} seconds, then run \`skykeep login\` for a new link.`,
    })
  }

  failed(caller: string): void {
    const now = this.#clock.monotonicMs()
    const known = this.#current(this.#callers.get(caller), now)
    this.#callers.delete(caller)
    this.#callers.set(caller, { failures: known.failures + 1, sinceMs: known.sinceMs })
    const all = this.#current(this.#all, now)
    this.#all = { failures: all.failures + 1, sinceMs: all.sinceMs }
    const oldest = this.#callers.keys().next()
    if (this.#callers.size > this.#settings.callersMax && oldest.done !== true)
      this.#callers.delete(oldest.value)
  }

  succeeded(caller: string): void {
    this.#callers.delete(caller)
  }

  #current(
    entry: { failures: number; sinceMs: number } | undefined,
    now: number,
  ): { failures: number; sinceMs: number } {
    if (entry === undefined || now - entry.sinceMs >= this.#settings.windowMs)
      return { failures: 0, sinceMs: now }
    return entry
  }

  #waitMs(entry: { failures: number; sinceMs: number } | undefined, failuresMax: number): number {
    if (entry === undefined || entry.failures < failuresMax) return 0
    return Math.max(0, entry.sinceMs + this.#settings.windowMs - this.#clock.monotonicMs())
  }
}
