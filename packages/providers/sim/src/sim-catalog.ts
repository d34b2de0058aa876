import { ProviderError } from '@skykeep/provider-contract/errors'
import type { Offer, OfferQuery } from '@skykeep/provider-contract/provider'
import { unit } from './seeded.ts'

export interface SimZone {
  readonly region: string
  readonly zone: string
  /** A node boots in this time: from, to. */
  readonly bootMs: readonly [number, number]
  /** Mean life of a spot node until it is taken back; null: never. */
  readonly meanSpotLifeMs: number | null
  /** How long before it takes a spot node back the zone says so; 0: never. Absent: 0. */
  readonly noticeMs?: number
  /** Nodes of one offer that the zone can have at once. */
  readonly stock: number
}

export interface SimInstanceType {
  readonly name: string
  readonly cpus: number
  readonly memoryGiB: number
  /** `L4:1`; absent: none. */
  readonly accelerator?: string
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
  { name: 'sim-l4', cpus: 8, memoryGiB: 32, accelerator: 'L4:1', priceUsdPerHour: 0.8 },
  { name: 'sim-l4-x4', cpus: 32, memoryGiB: 128, accelerator: 'L4:4', priceUsdPerHour: 3.2 },
  { name: 'sim-a100', cpus: 12, memoryGiB: 96, accelerator: 'A100:1', priceUsdPerHour: 3.6 },
  { name: 'sim-h100', cpus: 24, memoryGiB: 192, accelerator: 'H100:1', priceUsdPerHour: 9 },
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
      return types.flatMap((type) =>
        [false, true].map((isSpot) => offerOf({ region, zone }, type, { factor, isSpot })),
      )
    })
    .toSorted((a, b) => a.priceUsdPerHour - b.priceUsdPerHour)
}

function offerOf(
  { region, zone }: Pick<SimZone, 'region' | 'zone'>,
  { name, cpus, memoryGiB, accelerator, priceUsdPerHour }: SimInstanceType,
  { factor, isSpot }: { readonly factor: number; readonly isSpot: boolean },
): Offer {
  const kind = accelerator === undefined ? {} : { accelerator }
  const price = { isSpot, priceUsdPerHour: priceUsdPerHour * factor * (isSpot ? spotShare : 1) }
  const id = `${zone}/${name}/${isSpot ? 'spot' : 'on-demand'}`
  return { id, region, zone, instanceType: name, cpus, memoryGiB, ...kind, ...price }
}

/** Those that fit, in the order given. */
export function matchingOffers(offers: readonly Offer[], query: OfferQuery): readonly Offer[] {
  return offers.filter(
    (offer) =>
      offer.cpus >= (query.cpus ?? 0) &&
      offer.memoryGiB >= (query.memoryGiB ?? 0) &&
      (query.accelerator ?? offer.accelerator) === offer.accelerator &&
      (query.region ?? offer.region) === offer.region &&
      (query.zone ?? offer.zone) === offer.zone &&
      (query.isSpot ?? offer.isSpot) === offer.isSpot,
  )
}

/** @throws ProviderError invalid */
export function zoneOf(zones: readonly SimZone[], { zone }: Offer): SimZone {
  const found = zones.find((candidate) => candidate.zone === zone)
  if (found === undefined) throw new ProviderError('invalid', `sim has no zone ${zone}`)
  return found
}

/** Milliseconds that a node takes to boot; the same for the same seed and node. */
export function bootMsOf(seed: string, { bootMs: [least, most] }: SimZone, nodeId: string): number {
  return least + (most - least) * unit(seed, 'boot', nodeId)
}

/** Milliseconds from a node's boot until its zone takes it back; null: never. */
export function lifeMsOf(seed: string, zone: SimZone, node: SimNodePlace): number | null {
  const { meanSpotLifeMs } = zone
  if (!node.offer.isSpot || meanSpotLifeMs === null) return null
  // Lives between preemptions are taken as exponential: inverse of its distribution function.
  return -Math.log(1 - unit(seed, 'life', node.nodeId)) * meanSpotLifeMs
}

export interface SimNodePlace {
  readonly nodeId: string
  readonly offer: Offer
}
