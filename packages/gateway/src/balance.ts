import type { LoadBalancingPolicy } from '@skykeep/core/service-spec'

/** What a choice looks at. */
export interface Candidate {
  readonly inFlight: number
  readonly isDraining: boolean
  /** Monotonic ms of its ejection; -1 when not ejected. */
  readonly ejectedAt: number
}

export interface Choice<T> {
  readonly policy: LoadBalancingPolicy
  readonly candidates: readonly T[]
  /** Those already tried for this request; never chosen again. */
  readonly tried: readonly T[] | null
  /** Where to begin; the caller adds one for each choice. */
  readonly rotation: number
}

/**
 * The replica for one request: never one that drains or was tried; an ejected one only when all others are too, and
 * then the one ejected longest ago. Pure.
 */
export function chooseReplica<T extends Candidate>(choice: Choice<T>): T | null {
  const { candidates, tried, policy } = choice
  const count = candidates.length
  if (count === 0) return null
  let best: T | null = null
  const start = choice.rotation % count
  for (let i = 0; i < count; i += 1) {
    const at = start + i
    const candidate = candidates[at < count ? at : at - count]
    if (candidate === undefined || candidate.isDraining || tried?.includes(candidate)) continue
    if (best === null || isBetter(candidate, best, policy)) best = candidate
  }
  return best
}

/** Strictly better, so that the first from the starting place wins a tie. */
function isBetter(candidate: Candidate, best: Candidate, policy: LoadBalancingPolicy): boolean {
  if (candidate.ejectedAt >= 0) return best.ejectedAt >= 0 && candidate.ejectedAt < best.ejectedAt
  if (best.ejectedAt >= 0) return true
  return policy === 'least_load' && candidate.inFlight < best.inFlight
}
