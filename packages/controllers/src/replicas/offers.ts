import type { ServiceSpec } from '@skykeep/core/service-spec'
import type { ReplicaOffer } from '@skykeep/db/replicas'
import type { Offer, OfferQuery, Provider, Resources } from '@skykeep/provider-contract/provider'

/** Where and how a replica should be placed; what is absent is left open. */
export type Place = Pick<OfferQuery, 'isSpot' | 'region' | 'zone'>

/**
 * What an infra has for a replica of this task, best first: the cheapest, and with `ordered` accelerators those of the first kind that
 * it has at all. @param place spot as the task says where it does not. @throws ProviderError
 */
export async function offersFor(
  provider: Provider,
  spec: ServiceSpec,
  place: Place = {},
): Promise<readonly Offer[]> {
  const { accelerators = [], isAcceleratorOrdered = false, useSpot = false } = spec.task.resources
  const query = { ...resourcesOf(spec), isSpot: useSpot, ...place }
  if (accelerators.length === 0) return provider.listOffers(query)
  const found: (readonly Offer[])[] = []
  for (const { name, count } of accelerators) {
    const offers = await provider.listOffers({ ...query, accelerator: `${name}:${count}` })
    if (isAcceleratorOrdered && offers.length > 0) return offers
    found.push(offers)
  }
  return found.flat().toSorted((a, b) => a.priceUsdPerHour - b.priceUsdPerHour)
}

/** An offer as a replica's row keeps it. */
export function toReplicaOffer(offer: Offer): ReplicaOffer {
  const { id, region, zone, instanceType, accelerator = '', isSpot, priceUsdPerHour } = offer
  return { offerId: id, region, zone, instanceType, accelerator, isSpot, priceUsdPerHour }
}

/** What the task asks for of each node. */
export function resourcesOf({ task }: ServiceSpec): Resources {
  const { cpus, memoryGib } = task.resources
  return {
    ...(cpus === undefined ? {} : { cpus: cpus.value }),
    ...(memoryGib === undefined ? {} : { memoryGiB: memoryGib.value }),
  }
}
