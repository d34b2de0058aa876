import type { Offer } from '@skykeep/provider-contract/provider'
import { unit } from './seeded.ts'

export interface SimZone {
  readonly region: string
  readonly zone: string
  /** A node boots in this time: from, to. */
  readonly bootMs: readonly [number, number]
  /** Mean life of a spot node until it is taken back; null: never. */
  readonly meanSpotLifeMs: number | null
  /** Nodes of one offer that the zone can have at once. */
  readonly stock: number
}

export interface SimInstanceType {
  readonly name: string
  readonly cpus: number
  readonly memoryGiB: number
  readonly priceUsdPerHour: number
}

export const defaultZones: readonly SimZone[] = [
  { region: 'sim-east', zone: 'sim-east-a', bootMs: [2_000, 5_000], meanSpotLifeMs: 3_600_000, stock: 20 },
  { region: 'sim-east', zone: 'sim-east-b', bootMs: [2_000, 9_000], meanSpotLifeMs: 7_200_000, stock: 10 },
  { region: 'sim-west', zone: 'sim-west-a', bootMs: [4_000, 12_000], meanSpotLifeMs: 14_400_000, stock: 5 },
]

export const defaultTypes: readonly SimInstanceType[] = [
  { name: 'sim-small', cpus: 2, memoryGiB: 4, priceUsdPerHour: 0.1 },
  { name: 'sim-large', cpus: 8, memoryGiB: 32, priceUsdPerHour: 0.4 },
]

/** Spot costs this share of the price on demand. */
const spotShare = 0.3
/** Prices differ between zones by up to this share. */
const zoneSpread = 0.2

/** Every offer of the simulated cloud, cheapest first; the same for the same seed. */
export function simOffers(
  seed: string,
  zones: readonly SimZone[],
  types: readonly SimInstanceType[],
): readonly Offer[] {
  return zones
    .flatMap(({ region, zone }) => {
      const factor = 1 + zoneSpread * unit(seed, 'price', zone)
      return types.flatMap(({ name, cpus, memoryGiB, priceUsdPerHour }) =>
        [false, true].map((isSpot) => ({
          id: `${zone}/${name}/${isSpot ? 'spot' : 'on-demand'}`,
          region,
          zone,
          instanceType: name,
          cpus,
          memoryGiB,
          isSpot,
          priceUsdPerHour: priceUsdPerHour * factor * (isSpot ? spotShare : 1),
        })),
      )
    })
    .toSorted((a, b) => a.priceUsdPerHour - b.priceUsdPerHour)
}
