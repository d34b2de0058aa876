import type { Replica, Rollout, RolloutGate, Service, SpotLocation } from '@skykeep/core/nouns'
import { livingReplicaStatuses, type RolloutStatus, type ServiceStatus } from '@skykeep/core/statuses'
import type { ReplicaOffer } from '@skykeep/db/replicas'
import type { RolloutDecision } from '@skykeep/serving/rollouts/decide-rollout'
import type { TargetDecision } from './target.ts'

/** Where replicas on spot capacity can go, as the infra and earlier launches showed it. */
export interface Placement {
  readonly infra: string
  /** Spot offers that fit, cheapest first. */
  readonly offers: readonly ReplicaOffer[]
  readonly health: readonly SpotLocation[]
}

/** All that the decision reads. Replicas are those of this service that are not TERMINATED, plus the latest ended ones. */
export interface ServiceFacts {
  readonly service: Service
  readonly replicas: readonly Replica[]
  /** How many replicas there should be. */
  readonly target: TargetDecision
  /** The one that is under way, or null. */
  readonly rollout: Rollout | null
  /** First version with the same task, by version. */
  readonly taskVersions: ReadonlyMap<number, number>
  /** The two versions of the rollout cannot run side by side: they listen on the same fixed port of one machine. */
  readonly isExclusive: boolean
  /** Of the readiness probe of the version that the rollout goes to, milliseconds. */
  readonly initialDelayMs: number
  /** Requests a second that a replica takes, for instance-aware scaling; absent: all alike. */
  readonly capacityOf?: (replica: Replica) => number
  /** Uids of READY replicas that have been ready for as long as the rollout asks. */
  readonly settled: ReadonlySet<string>
  /** What the gate of a canary measures now. */
  readonly gate: RolloutGate | null
  /** Milliseconds that were watched since the last look: never time in which nobody looked. */
  readonly watchedMs: number
  /** Where replicas on spot capacity can go; null where the task does not ask for any. */
  readonly placement: Placement | null
  /** Milliseconds of the monotonic clock since this process first saw the newest ended replica; null when none ended. */
  readonly sinceLastEndMs: number | null
  /** True when every live gateway acked a table that no longer names the service. */
  readonly isUnrouted: boolean
  readonly isEndpointReleased: boolean
  /** Wall time, for records only. */
  readonly nowMs: number
}

export type ServiceStep =
  | { readonly type: 'observe'; readonly seen: ServiceSeen }
  | { readonly type: 'scale'; readonly fromReplicas: number; readonly target: TargetDecision }
  | {
      readonly type: 'save-autoscaler'
      readonly state: NonNullable<TargetDecision['state']>
      readonly isChange: boolean
    }
  | {
      readonly type: 'create-replicas'
      readonly version: number
      /** One entry a replica; null: the offer is chosen at launch. */
      readonly offers: readonly (ReplicaOffer | null)[]
    }
  | { readonly type: 'unwant'; readonly uids: readonly string[]; readonly reason: string }
  | { readonly type: 'note-location'; readonly location: Omit<SpotLocation, 'changedAtMs'> }
  | {
      readonly type: 'roll-on'
      readonly uid: string
      readonly decision: RolloutDecision
      readonly gate: RolloutGate | null
    }
  | {
      readonly type: 'end-rollout'
      readonly uid: string
      readonly to: RolloutStatus
      readonly reason: string
      readonly message: string
    }
  | { readonly type: 'release-endpoint' }
  | {
      readonly type: 'set-status'
      readonly to: ServiceStatus
      readonly reason: string
      readonly message: string
    }

export interface ServiceSeen {
  readonly targetVersion?: number
  readonly latestEverReadyVersion?: number
  readonly targetReplicas?: number
  readonly stableVersion?: number
  readonly readySinceMs?: number | null
}

export interface ServiceDecision {
  readonly steps: readonly ServiceStep[]
  /** Look again after this; null: only when something changes. */
  readonly requeueAfterMs: number | null
}

export function isLiving(replica: Replica): boolean {
  return replica.isWanted && livingReplicaStatuses.some((status) => status === replica.status)
}

/** The version whose settings count and whose replicas are made: a rollback that runs goes back to where it came from. */
export function goalVersionOf(service: Service, rollout: Rollout | null): number {
  if (rollout === null) return service.targetVersion
  return rollout.status === 'ROLLING_BACK' ? rollout.fromVersion : rollout.toVersion
}

export function taskOf({ taskVersions }: Pick<ServiceFacts, 'taskVersions'>, version: number): number {
  return taskVersions.get(version) ?? version
}
