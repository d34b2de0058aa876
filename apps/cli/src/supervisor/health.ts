/** What an observer knows of one process (or of a group that answers for each other). */
export interface HealthState {
  /** Probes in a row without an answer. */
  readonly misses: number
  /** Whether it has ever answered: before that it is starting, and is given more time. */
  readonly hasAnswered: boolean
  /** Monotonic time at which the last probe ended, milliseconds. */
  readonly lastEndedAtMs: number | undefined
}

export interface ProbeOutcome {
  /** Monotonic, milliseconds. */
  readonly startedAtMs: number
  readonly endedAtMs: number
  readonly isAnswering: boolean
}

export interface HealthLimits {
  /** Misses in a row that mean stuck, once it has answered: 3. */
  readonly misses: number
  /** Misses in a row that mean stuck while it starts: 40, which is 40 s at least. */
  readonly startingMisses: number
  /** A probe's deadline, milliseconds: 2000. */
  readonly timeoutMs: number
  /** Pause between two probes, milliseconds: 1000. */
  readonly intervalMs: number
  /** A tick later than this means that the observer was asleep itself, milliseconds: 2000. */
  readonly lateMs: number
}

export const defaultHealthLimits: HealthLimits = {
  misses: 3,
  startingMisses: 40,
  timeoutMs: 2000,
  intervalMs: 1000,
  lateMs: 2000,
}

export const unknownHealth: HealthState = { misses: 0, hasAnswered: false, lastEndedAtMs: undefined }

/**
 * Takes one probe into account. Thresholds count observations, not time (invariants 5 and 6): an observer that was stopped, or so loaded
 * that its own tick came late, has observed nothing, and starts to count anew.
 */
export function afterProbe(
  state: HealthState,
  outcome: ProbeOutcome,
  limits: HealthLimits,
): { readonly state: HealthState; readonly isStuck: boolean } {
  if (outcome.isAnswering) {
    return { state: { misses: 0, hasAnswered: true, lastEndedAtMs: outcome.endedAtMs }, isStuck: false }
  }
  const pauseMs = outcome.startedAtMs - (state.lastEndedAtMs ?? outcome.startedAtMs)
  const probeMs = outcome.endedAtMs - outcome.startedAtMs
  const wasAsleep = pauseMs > limits.intervalMs + limits.lateMs || probeMs > limits.timeoutMs + limits.lateMs
  const misses = wasAsleep ? 0 : state.misses + 1
  const allowed = state.hasAnswered ? limits.misses : limits.startingMisses
  return {
    state: { misses, hasAnswered: state.hasAnswered, lastEndedAtMs: outcome.endedAtMs },
    isStuck: misses >= allowed,
  }
}

/**
 * Pause before the next start of a process that died `failures` times in a row, milliseconds: 200 doubling to 10 000, of which a random
 * half is taken off. `random` is in [0, 1).
 */
export function restartDelayMs(failures: number, random: number): number {
  const fullMs = Math.min(10_000, 200 * 2 ** Math.min(Math.max(failures - 1, 0), 10))
  return Math.round(fullMs * (1 - random / 2))
}
