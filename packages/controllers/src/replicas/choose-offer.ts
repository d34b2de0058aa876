import type { Replica } from '@skykeep/core/nouns'
import type { ServiceSpec } from '@skykeep/core/service-spec'
import type { Db } from '@skykeep/db/handles'
import { listReplicas } from '@skykeep/db/replicas'
import { ProviderError } from '@skykeep/provider-contract/errors'
import type { Offer, Provider } from '@skykeep/provider-contract/provider'
import { offersFor, resourcesOf } from './offers.ts'
import { isWithoutCapacity } from './outcomes.ts'

/** Ended replicas that are looked at: more than most infras have offers that fit. */
const endedLimit = 50

/**
 * The offer that a replica is launched from where its row names none: the cheapest one that fits its wish and that did not just run out.
 * @throws ProviderError `invalid` when nothing fits.
 */
export async function chooseOffer(
  database: Db,
  provider: Provider,
  { replica, spec }: { readonly replica: Replica; readonly spec: ServiceSpec },
): Promise<Offer> {
  const { region, zone, isSpot, serviceUid } = replica
  const place = { isSpot, ...(region === '' ? {} : { region }), ...(zone === '' ? {} : { zone }) }
  const offers = await offersFor(provider, spec, place)
  const { items } = await listReplicas(database, {
    serviceUid,
    statuses: ['SHUTTING_DOWN', 'TERMINATED'],
    isHistoryIncluded: true,
    limit: endedLimit,
  })
  const offer = pickOffer(offers, exhaustedOffers(items))
  if (offer !== undefined) return offer
  throw new ProviderError('invalid', `${replica.infra} has nothing with ${describeWish(spec, isSpot)}`)
}

/** The first that is not exhausted; where all are, the one that was found exhausted longest ago. Pure. */
export function pickOffer(offers: readonly Offer[], exhausted: readonly string[]): Offer | undefined {
  const [first] = offers
    .map((offer) => ({ offer, triedAgo: exhausted.indexOf(offer.id) }))
    .toSorted((a, b) => rank(b.triedAgo) - rank(a.triedAgo))
  return first?.offer
}

function rank(triedAgo: number): number {
  return triedAgo === -1 ? Infinity : triedAgo
}

/** Offers that had no room for the newest replicas, latest first, up to the newest one that found room anywhere. Pure. */
export function exhaustedOffers(ended: readonly Replica[]): readonly string[] {
  const newestFirst = ended.toSorted((a, b) => b.replicaId - a.replicaId)
  const other = newestFirst.findIndex((replica) => !isWithoutCapacity(replica) && replica.nodeId !== null)
  return newestFirst
    .slice(0, other === -1 ? undefined : other)
    .filter(isWithoutCapacity)
    .map(({ offerId }) => offerId)
}

function describeWish(spec: ServiceSpec, isSpot: boolean): string {
  const { cpus, memoryGiB } = resourcesOf(spec)
  const { accelerators = [] } = spec.task.resources
  const machine = `${cpus ?? 'any'} CPUs and ${memoryGiB ?? 'any'} GiB of memory`
  const kinds = accelerators.map(({ name, count }) => `${name}:${count}`).join(' or ')
  return [machine, kinds, isSpot ? 'spot capacity' : ''].filter((part) => part !== '').join(', ')
}
