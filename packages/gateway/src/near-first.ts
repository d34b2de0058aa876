import { defaultLoadFactor } from '@skykeep/core/service-spec'
import type { Candidate, Choice } from './choice.ts'

/**
 * How many requests a near replica may have in flight before the next goes to any: a quarter more than the mean, rounded up, so that one
 * zone with few replicas is not drowned by clients that all come from it. Whole, 1 or more. Pure.
 * @param inFlight to all replicas together, before this request.
 * @param count of all replicas, near or not.
 */
export function nearLimitOf(inFlight: number, count: number): number {
  return Math.max(1, Math.ceil((defaultLoadFactor * (inFlight + 1)) / Math.max(1, count)))
}

/**
 * The replica that the policy chooses among the near ones; null where none of them is whole and below `nearLimit`. A consistent hash
 * knows no near ones: a key has its replica wherever that is.
 */
export function chooseNear<T extends Candidate>(
  choice: Choice<T>,
  chooseByPolicy: (choice: Choice<T>) => T | null,
): T | null {
  if (choice.policy === 'consistent_hash' && choice.hashKey >= 0) return null
  const candidates = choice.candidates.filter(({ isNear }) => isNear)
  const limit = Math.min(choice.limit, choice.nearLimit)
  const found = chooseByPolicy({ ...choice, candidates, limit })
  return found === null || found.ejectedAt >= 0 ? null : found
}
