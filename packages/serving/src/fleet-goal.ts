import type { ScalingSpec } from '@skykeep/core/service-spec'
import type { ScalingReplica } from './demand.ts'

export interface FleetFacts {
  /** Absent: a fixed number, without any fallback. */
  readonly scaling?: ScalingSpec | undefined
  /** Whether the task asks for spot capacity. */
  readonly useSpot: boolean
  /** What the load asks for, after schedule and pause. */
  readonly targetReplicas: number
  /** Living and wanted, of the versions that count as current. */
  readonly replicas: readonly Pick<ScalingReplica, 'status' | 'isSpot'>[]
}

/** How many replicas of each kind there are to be. While spot replicas are not ready `spot + onDemand` is above `total`. */
export interface FleetGoal {
  /** Replicas that are to serve, over-provisioning included. */
  readonly total: number
  readonly spot: number
  readonly onDemand: number
}

/**
 * SkyPilot's `FallbackRequestRateAutoscaler`: over-provisioning comes on top of a target that is not 0; of the sum a base runs on
 * demand and the rest on spot. With the dynamic fallback each spot replica that is not READY has a stand-in on demand, up to the target
 * without over-provisioning: a stand-in goes when a spot replica is READY, never when it is launched.
 */
export function fleetGoal({ scaling, useSpot, targetReplicas, replicas }: FleetFacts): FleetGoal {
  const target = Math.max(0, targetReplicas)
  const total = target === 0 ? 0 : target + (scaling?.numOverprovision ?? 0)
  if (!useSpot) return { total, spot: 0, onDemand: total }
  const base = scaling?.baseOndemandFallbackReplicas ?? 0
  const spot = Math.max(0, total - base)
  const readySpot = replicas.filter(({ isSpot, status }) => isSpot && status === 'READY').length
  const standIns = scaling?.isDynamicOndemandFallback === true ? Math.max(0, spot - readySpot) : 0
  return { total, spot, onDemand: Math.min(base + standIns, target) }
}
