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
  /** Stands for the replica wherever requests are hashed: a whole number from 0 to 2^32 - 1, the same in every process. */
  readonly hashSeed: number
  /** It stands in the gateway's own zone. */
  readonly isNear: boolean
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
  /** What consistent_hash goes by: from 0 to 2^31 - 1; -1: the request has nothing to go by. */
  readonly hashKey: number
  /** For consistent_hash: the highest number in flight to one of them as a multiple of the mean; 1 or more. */
  readonly loadFactor: number
  /** Highest number in flight to a near one while near ones come first; -1: all are alike. */
  readonly nearLimit: number
  /** From 0 to below 1, for power_of_two_choices. */
  readonly random: () => number
}

/** True where the replica may be given one more: for a request that waited its window counts too. */
export function hasRoom(candidate: Candidate, { limit, isGradual }: Choice<Candidate>): boolean {
  return candidate.inFlight < limit && (!isGradual || candidate.inFlight < candidate.window)
}

/** True for one that answers, takes new requests and was not tried for this one; it may be full. */
export function isWhole<T extends Candidate>(candidate: T, { tried }: Choice<T>): boolean {
  return !candidate.isDraining && candidate.ejectedAt < 0 && tried?.includes(candidate) !== true
}
