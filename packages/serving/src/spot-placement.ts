import type { SpotLocation } from '@skykeep/core/nouns'

/** A place where spot capacity can be had. */
export type Location = Pick<SpotLocation, 'infra' | 'region' | 'zone'>

export interface SpotCandidate extends Location {
  readonly priceUsdPerHour: number
}

export interface PlacementFacts<C extends SpotCandidate> {
  /** What can be had; several offers may lie in one place. */
  readonly candidates: readonly C[]
  /** As stored; a place that is missing is ACTIVE. */
  readonly health: readonly (Location & Pick<SpotLocation, 'status'>)[]
  /** Where the living spot replicas are, one entry each. */
  readonly inUse: readonly Location[]
}

export interface Placement<C extends SpotCandidate> {
  readonly chosen: C
  /** True: every place counts as ACTIVE again, which the caller stores. */
  readonly isReset: boolean
}

/**
 * SkyPilot's `DynamicFallbackSpotPlacer` (SpotHedge): among the ACTIVE places the cheapest that has no replica yet, else the least used,
 * the cheaper of two. With fewer than two ACTIVE places all are tried again. A place turns PREEMPTED by a preemption or a failed launch,
 * ACTIVE by a launch that succeeds; the caller stores both. Null: no candidate.
 */
export function chooseLocation<C extends SpotCandidate>(facts: PlacementFacts<C>): Placement<C> | null {
  const preempted = new Set(facts.health.filter(({ status }) => status === 'PREEMPTED').map(placeOf))
  const places = new Set(facts.candidates.map(placeOf))
  const activePlaces = [...places].filter((place) => !preempted.has(place))
  const isReset = activePlaces.length < 2 && activePlaces.length < places.size
  const uses = new Map<string, number>()
  for (const location of facts.inUse) uses.set(placeOf(location), (uses.get(placeOf(location)) ?? 0) + 1)
  const usesOf = (candidate: C): number => uses.get(placeOf(candidate)) ?? 0
  const [chosen] = facts.candidates
    .filter((candidate) => isReset || !preempted.has(placeOf(candidate)))
    .toSorted((a, b) => usesOf(a) - usesOf(b) || comparePrices(a, b) || compareText(placeOf(a), placeOf(b)))
  return chosen === undefined ? null : { chosen, isReset }
}

function placeOf({ infra, region, zone }: Location): string {
  return JSON.stringify([infra, region, zone])
}

/** A price that is none comes last. */
function comparePrices(a: SpotCandidate, b: SpotCandidate): number {
  const left = Number.isNaN(a.priceUsdPerHour) ? Infinity : a.priceUsdPerHour
  const right = Number.isNaN(b.priceUsdPerHour) ? Infinity : b.priceUsdPerHour
  return left === right ? 0 : left - right
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
