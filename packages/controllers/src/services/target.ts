import type { AutoscalerState, Service } from '@skykeep/core/nouns'
import type { ServingSpec } from '@skykeep/core/service-spec'
import { autoscale, type LoadSighting } from '@skykeep/serving/autoscale'
import { fleetGoal, type FleetGoal } from '@skykeep/serving/fleet-goal'
import type { ScheduleState } from '@skykeep/serving/schedule'
import type { JsonValue } from '@skykeep/core/events'
import type { ReplicaStatus } from '@skykeep/core/statuses'

export interface TargetFacts {
  readonly service: Service
  /** Of the version that the service aims at. */
  readonly serving: ServingSpec
  readonly isSpot: boolean
  /** Null before the autoscaler's first tick, and where the number is fixed. */
  readonly state: AutoscalerState | null
  /** Present when a tick is due; what the gateways counted. */
  readonly load: LoadSighting | null
  /** Null without off-hours. */
  readonly schedule: ScheduleState | null
  /** Living and wanted. */
  readonly replicas: readonly {
    readonly accelerator: string
    readonly status: ReplicaStatus
    readonly isSpot: boolean
  }[]
}

export interface TargetDecision {
  /** Replicas that the service should have now. */
  readonly goal: FleetGoal
  /** To be kept; null when there is nothing new to keep. */
  readonly state: Omit<AutoscalerState, 'serviceUid' | 'tickedAtMs' | 'changedAtMs'> | null
  /** SCREAMING_SNAKE: why the goal is as it is. */
  readonly reason: string
  readonly message: string
  readonly terms: { readonly [key: string]: JsonValue }
}

interface Wish {
  readonly targetReplicas: number
  readonly state: TargetDecision['state']
  readonly reason: string
  readonly message: string
  readonly terms: TargetDecision['terms']
}

/** How many replicas a service should have: what its load asks for, bounded by off-hours, and none while it is paused. Pure. */
export function decideTarget(facts: TargetFacts): TargetDecision {
  const { service, serving, schedule, replicas, isSpot } = facts
  const wish = wishOf(facts)
  const { targetReplicas, reason, message, terms } = restricted(wish, service, schedule)
  const goal =
    serving.scaling === undefined
      ? fixedGoal(targetReplicas, isSpot)
      : fleetGoal({ scaling: serving.scaling, targetReplicas, replicas, useSpot: isSpot })
  return { goal, state: wish.state, reason, message, terms: { ...terms, ...goalTerms(goal) } }
}

function wishOf({ service, serving, state, load, replicas }: TargetFacts): Wish {
  const { scaling } = serving
  if (scaling === undefined) {
    const targetReplicas = wantedOf(service, serving)
    const message = `${targetReplicas} replicas are wanted`
    return { targetReplicas, state: null, reason: 'FIXED', message, terms: { desired: targetReplicas } }
  }
  const before = state ?? {
    // An update that begins to scale keeps what runs; a new service begins at its minimum.
    targetReplicas: clip(service.targetReplicas, scaling.minReplicas, scaling.maxReplicas),
    upTicks: 0,
    downTicks: 0,
  }
  if (load === null) {
    const targetReplicas = clip(before.targetReplicas, scaling.minReplicas, scaling.maxReplicas)
    const message = `the load asked for ${before.targetReplicas}`
    const kept = state === null ? { ...before, targetReplicas } : null
    return { targetReplicas, state: kept, reason: 'STEADY', message, terms: {} }
  }
  const outcome = autoscale({ scaling, state: before, load, replicas })
  const { targetReplicas, upTicks, downTicks, reason, message, terms } = outcome
  return { targetReplicas, state: { targetReplicas, upTicks, downTicks }, reason, message, terms }
}

/** A rollback goes to another version than the person asked for: then that version's own number counts. */
function wantedOf(service: Service, serving: ServingSpec): number {
  return service.targetVersion === service.desiredVersion ? service.desiredReplicas : serving.replicas
}

function restricted(wish: Wish, service: Service, schedule: ScheduleState | null): Omit<Wish, 'state'> {
  if (service.isPaused) {
    return {
      targetReplicas: 0,
      reason: 'PAUSED',
      message: 'the service is paused',
      terms: { isPaused: true },
    }
  }
  const most = schedule?.replicas ?? null
  if (schedule === null || most === null || wish.targetReplicas <= most) return wish
  const message = most === 0 ? 'off-hours: no replica runs' : `off-hours: at most ${most} replicas run`
  return {
    targetReplicas: most,
    reason: 'OFF_HOURS',
    message,
    terms: { ...wish.terms, offHoursReplicas: most, opensAtMs: schedule.opensAtMs },
  }
}

function fixedGoal(total: number, isSpot: boolean): FleetGoal {
  return { total, spot: isSpot ? total : 0, onDemand: isSpot ? 0 : total }
}

function goalTerms({ total, spot, onDemand }: FleetGoal): TargetDecision['terms'] {
  return spot === 0 ? { replicas: total } : { replicas: total, spot, onDemand }
}

function clip(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most)
}
