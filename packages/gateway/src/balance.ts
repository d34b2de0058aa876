import type { LoadBalancingPolicy } from '@skykeep/core/service-spec'

/** What a choice looks at. */
export interface Candidate {
  readonly inFlight: number
  readonly isDraining: boolean
  /** Monotonic ms of its ejection; -1 when not ejected. */
  readonly ejectedAt: number
  /** Requests a second that it can take, over 0; 1 where nothing is known. */
  readonly targetQps: number
  /** How many of those that waited may be in flight to it at once; grows as it answers. */
  readonly window: number
}

export interface Choice<T> {
  readonly policy: LoadBalancingPolicy
  readonly candidates: readonly T[]
  /** Those already tried for this request; never chosen again. */
  readonly tried: readonly T[] | null
  /** Where to begin; the caller adds one for each choice. */
  readonly rotation: number
  /** Highest number in flight to one of them; Infinity without a limit. */
  readonly limit: number
  /** For a request that waited: the replica's window holds too, so that a new one does not get the whole queue at once. */
  readonly isGradual: boolean
}

/**
 * The replica for one request: never one that drains, was tried or is at its limit; an ejected one only when all others
 * are too, and then the one ejected longest ago. Null: none has room. Pure.
 */
export function chooseReplica<T extends Candidate>(choice: Choice<T>): T | null {
  const { candidates, tried, policy, limit, isGradual } = choice
  const count = candidates.length
  if (count === 0) return null
  let best: T | null = null
  let isFull = false
  const start = choice.rotation % count
  for (let i = 0; i < count; i += 1) {
    const at = start + i
    const candidate = candidates[at < count ? at : at - count]
    if (candidate === undefined || candidate.isDraining || tried?.includes(candidate)) continue
    if (candidate.inFlight >= limit || (isGradual && candidate.inFlight >= candidate.window)) {
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
    case 'least_load':
      return candidate.inFlight < best.inFlight
    case 'instance_aware_least_load':
      // Both divisors are over 0, so that this compares the two quotients.
      return candidate.inFlight * best.targetQps < best.inFlight * candidate.targetQps
    default:
      return false
  }
}
