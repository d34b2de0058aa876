import type { Replica } from '@skykeep/core/nouns'
import { inRemovalOrder } from '@skykeep/serving/scale-down-order'
import type { FleetGoal } from '@skykeep/serving/fleet-goal'
import type { SidePlan } from '@skykeep/serving/rollouts/plan'

/** Replicas to make, by kind of capacity. */
export interface Missing {
  readonly spot: number
  readonly onDemand: number
}

/** What one side of a fleet lacks of its goal, at most up to the plan's number. Pure. */
export function missingOf(living: readonly Replica[], plan: SidePlan, goal: FleetGoal): Missing {
  const room = Math.max(0, plan.wanted - living.length)
  const spotLiving = living.filter(({ isSpot }) => isSpot).length
  const spot = Math.max(0, goal.spot - spotLiving)
  const onDemand = Math.max(0, goal.onDemand - (living.length - spotLiving))
  // Where there is room for some only, on demand comes first: it is the part that stays.
  const ofOnDemand = Math.min(onDemand, room)
  return { onDemand: ofOnDemand, spot: Math.min(spot, room - ofOnDemand) }
}

/** What one side has too much of, the least useful first, each kind of capacity for itself where the plan keeps the whole goal. Pure. */
export function surplusOf(
  living: readonly Replica[],
  plan: SidePlan,
  {
    goal,
    capacityOf,
  }: { readonly goal: FleetGoal; readonly capacityOf: ((replica: Replica) => number) | undefined },
): readonly Replica[] {
  const ordered = (replicas: readonly Replica[]): readonly Replica[] => inRemovalOrder(replicas, capacityOf)
  if (plan.kept < goal.spot + goal.onDemand) {
    return ordered(living).slice(0, Math.max(0, living.length - plan.kept))
  }
  const spot = living.filter(({ isSpot }) => isSpot)
  const onDemand = living.filter(({ isSpot }) => !isSpot)
  return [
    ...ordered(spot).slice(0, Math.max(0, spot.length - goal.spot)),
    ...ordered(onDemand).slice(0, Math.max(0, onDemand.length - goal.onDemand)),
  ]
}
