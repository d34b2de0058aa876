/** Where something runs, as far as it is known: an infra has regions, a region zones. Empty: the infra has none, or it is not chosen yet. */
export interface Place {
  readonly infra: string
  readonly region?: string
  readonly zone?: string
}

/** The parts of a place that say something: those that are absent, or say the one above again, are left out. */
function partsOf({ infra, region = '', zone = '' }: Place): readonly string[] {
  const parts = [infra, region, zone].filter((part) => part !== '')
  return parts.filter((part, at) => part !== parts[at - 1])
}

/** A place for a person: `sim / east / east-1a`, and `local` once where infra, region and zone are all called so. */
export function placeName(place: Place): string {
  return partsOf(place).join(' / ')
}

/** The smallest known part of a place within its infra: `east-1a`; empty where the infra says it all. */
export function placeWithin(place: Place): string {
  return partsOf(place).slice(1).at(-1) ?? ''
}
