import type { Replica, SpotLocation } from '@skykeep/core/nouns'
import type { ReplicaOffer } from '@skykeep/db/replicas'
import { chooseLocation } from '@skykeep/serving/spot-placement'
import { isWithoutCapacity } from '../replicas/outcomes.ts'
import { isLiving, type Placement, type ServiceFacts, type ServiceStep } from './facts.ts'
import type { Missing } from './fleet.ts'

type Location = Omit<SpotLocation, 'changedAtMs'>

export interface Placed {
  /** One entry a replica; null: the offer is chosen at launch. */
  readonly offers: readonly (ReplicaOffer | null)[]
  /** Places whose health changes with it. */
  readonly locations: readonly Location[]
}

/** Chooses a place for each missing replica, at most `room` of them. Pure. */
export function placeMissing(facts: ServiceFacts, { spot, onDemand }: Missing, room: number): Placed {
  const { placement } = facts
  const ofOnDemand = Math.min(onDemand, room)
  const offers: (ReplicaOffer | null)[] = Array.from({ length: ofOnDemand }, () => null)
  if (placement === null) return { offers, locations: [] }
  const inUse = facts.replicas
    .filter((replica) => isLiving(replica) && replica.isSpot)
    .map(({ infra, region, zone }) => ({ infra, region, zone }))
  const locations: Location[] = []
  let health = withLosses(facts, placement.health)
  for (let made = 0; made < Math.min(spot, room - ofOnDemand); made += 1) {
    const choice = chooseLocation({ candidates: candidatesOf(placement), health, inUse })
    if (choice === null) break
    if (choice.isReset) {
      locations.push(
        ...health.map(({ infra, region, zone }) => ({ infra, region, zone, status: 'ACTIVE' as const })),
      )
      // A place that is not named is ACTIVE.
      health = []
    }
    const { region, zone } = choice.chosen
    const offer = placement.offers.find((each) => each.region === region && each.zone === zone)
    if (offer === undefined) break
    offers.push(offer)
    inUse.push({ infra: placement.infra, region, zone })
  }
  return { offers, locations }
}

function candidatesOf({
  infra,
  offers,
}: Placement): readonly { infra: string; region: string; zone: string; priceUsdPerHour: number }[] {
  return offers.map(({ region, zone, priceUsdPerHour }) => ({ infra, region, zone, priceUsdPerHour }))
}

/** A place where a replica became ready after it was avoided is as good as any again. */
export function clearLocations({ replicas, placement }: ServiceFacts): readonly ServiceStep[] {
  const avoided = (placement?.health ?? []).filter(({ status }) => status === 'PREEMPTED')
  return avoided
    .filter(({ infra, region, zone, changedAtMs }) =>
      replicas.some(
        (replica) =>
          replica.isSpot &&
          replica.infra === infra &&
          replica.region === region &&
          replica.zone === zone &&
          replica.status === 'READY' &&
          replica.createdAtMs > changedAtMs,
      ),
    )
    .map(({ infra, region, zone }) => ({
      type: 'note-location' as const,
      location: { infra, region, zone, status: 'ACTIVE' as const },
    }))
}

/** A place that took a spot replica back, or had no room for it, is avoided for a while. Noted once: with it the replica is given up. */
export function noteLocations({ replicas }: ServiceFacts): readonly ServiceStep[] {
  const lost = replicas.filter(
    (replica) =>
      replica.isSpot && replica.isWanted && (replica.outcome === 'PREEMPTED' || isWithoutCapacity(replica)),
  )
  return lost.flatMap((replica): readonly ServiceStep[] => [
    { type: 'note-location', location: { ...placeOf(replica), status: 'PREEMPTED' } },
    { type: 'unwant', uids: [replica.uid], reason: replica.outcome ?? 'PREEMPTED' },
  ])
}

/** Health with what this very decision notes: the successor of a lost replica does not go where that one was. */
function withLosses(facts: ServiceFacts, health: readonly SpotLocation[]): readonly SpotLocation[] {
  const lost = noteLocations(facts).flatMap((step) => (step.type === 'note-location' ? [step.location] : []))
  const isLost = (each: Location): boolean =>
    lost.some(
      ({ infra, region, zone }) => each.infra === infra && each.region === region && each.zone === zone,
    )
  const fresh = lost.map((location) => Object.assign({ changedAtMs: facts.nowMs }, location))
  return [...health.filter((each) => !isLost(each)), ...fresh]
}

function placeOf({ infra, region, zone }: Replica): Omit<Location, 'status'> {
  return { infra, region, zone }
}
