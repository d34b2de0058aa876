import type { Replica } from '@skykeep/core/nouns'
import { isChargeable, isWithoutCapacity } from '../replicas/outcomes.ts'

/** Longest pause between two tries to replace what fails, milliseconds. */
export const replacementCapMs = 300_000
/** Longest pause between two tries to find capacity, milliseconds: it may come back at any time. */
const capacityCapMs = 60_000
const replacementFirstMs = 1_000
/** A replica that was ready for less than this before it ended counts as part of a crash loop. */
const shortReadyMs = 60_000

export interface FailureStreak {
  /** Newest ended replicas in a row that never were ready. */
  readonly neverReady: number
  /** The same, with those that ended soon after they were ready. */
  readonly short: number
  readonly last: Replica | undefined
}

/**
 * Counts back from the newest replica that failed. What the host, the infra or a person ended (LOST, PREEMPTED, REMOVED, no capacity) is
 * not charged.
 */
export function failureStreak(
  replicas: readonly Replica[],
  isCounted: (replica: Replica) => boolean,
): FailureStreak {
  const ended = replicas
    .filter((replica) => isCounted(replica) && (isFailure(replica) || wasReadyLong(replica)))
    .toSorted((a, b) => b.replicaId - a.replicaId)
  let neverReady = 0
  let short = 0
  for (const replica of ended) {
    if (!isFailure(replica) || wasReadyLong(replica)) break
    if (replica.firstReadyAtMs === null && neverReady === short) neverReady += 1
    short += 1
  }
  return { neverReady, short, last: ended.find(isFailure) }
}

/** True for an end that the task itself is to blame for. */
function isFailure(replica: Replica): boolean {
  return replica.outcome !== null && isChargeable(replica)
}

function wasReadyLong(replica: Replica): boolean {
  if (replica.firstReadyAtMs === null) return false
  if (replica.status === 'READY') return true
  return Math.abs(replica.statusChangedAtMs - replica.firstReadyAtMs) >= shortReadyMs
}

/** Newest ended replicas in a row for which the infra had no room. */
function capacityStreak(replicas: readonly Replica[]): number {
  const ended = replicas
    .filter(({ outcome }) => outcome !== null)
    .toSorted((a, b) => b.replicaId - a.replicaId)
  const other = ended.findIndex((replica) => !isWithoutCapacity(replica))
  return other === -1 ? ended.length : other
}

/**
 * How long to wait before the next replica is made, milliseconds; 0: now. What was ready is replaced at once, unless it keeps dying soon
 * after.
 * @param sinceLastEndMs monotonic time since the newest end was first seen here; null when none ended
 */
export function replacementPauseMs(
  replicas: readonly Replica[],
  isCounted: (replica: Replica) => boolean,
  sinceLastEndMs: number | null,
): number {
  if (sinceLastEndMs === null) return 0
  const streak = failureStreak(replicas, isCounted)
  const charged = streak.last?.firstReadyAtMs === null ? streak.short : streak.short - 1
  const failing = pauseOf(charged, replacementCapMs)
  const starved = pauseOf(capacityStreak(replicas.filter(isCounted)) - 1, capacityCapMs)
  return Math.max(0, Math.max(failing, starved) - sinceLastEndMs)
}

function pauseOf(count: number, capMs: number): number {
  return count <= 0 ? 0 : Math.min(replacementFirstMs * 2 ** Math.min(count - 1, 20), capMs)
}
