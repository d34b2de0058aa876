import type { LoadBalancingPolicy } from '@skykeep/core/service-spec'
import { hasRoom } from './choice.ts'
import type { Candidate, Choice } from './choice.ts'

/**
 * The best of all by the policies that compare replicas, in one walk. least_load for those that compare nothing. Holds what
 * `chooseReplica` promises.
 */
export function chooseByLoad<T extends Candidate>(choice: Choice<T>): T | null {
  const { candidates, tried, policy } = choice
  const count = candidates.length
  if (count === 0) return null
  let best: T | null = null
  let isFull = false
  const start = choice.rotation % count
  for (let i = 0; i < count; i += 1) {
    const at = start + i
    const candidate = candidates[at < count ? at : at - count]
    if (candidate === undefined || candidate.isDraining || tried?.includes(candidate)) continue
    if (!hasRoom(candidate, choice)) {
      if (candidate.ejectedAt < 0) isFull = true
    } else if (best === null || isBetter(candidate, best, policy)) best = candidate
  }
  // One that is only busy is worth waiting for: it says nothing for one that is broken.
  return isFull && best !== null && best.ejectedAt >= 0 ? null : best
}

/** Strictly better, so that the first from the starting place wins a tie. */
function isBetter(candidate: Candidate, best: Candidate, policy: LoadBalancingPolicy): boolean {
  if (candidate.ejectedAt >= 0) return best.ejectedAt >= 0 && candidate.ejectedAt < best.ejectedAt
  if (best.ejectedAt >= 0) return true
  switch (policy) {
    case 'instance_aware_least_load':
      // Both divisors are over 0, so that this compares the two quotients.
      return candidate.inFlight * best.targetQps < best.inFlight * candidate.targetQps
    case 'round_robin':
      return false
    default:
      return candidate.inFlight < best.inFlight
  }
}
