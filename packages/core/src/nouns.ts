import type { JsonValue } from './events.ts'
import type { ScheduleSpec, ServiceSpec, UpdateMode, UpdatePolicy } from './service-spec.ts'
import type {
  EndpointStatus,
  OperationStatus,
  ReplicaOutcome,
  ReplicaStatus,
  RolloutStatus,
  ServiceStatus,
} from './statuses.ts'
import type { UnfinishedRequest } from './routes.ts'

/** What the engine keeps on every row that it drives. Times are milliseconds since the Unix epoch. */
export interface Reconciled {
  /** Optimistic concurrency: grows by one with each write. */
  readonly rowVersion: number
  readonly nextReconcileAtMs: number | null
  /** How often the row was claimed without coming to an end: three set it aside (invariant 13). */
  readonly claimCount: number
  readonly setAsideReason: string | null
  readonly failureCount: number
  /** What the last run failed with; null once one came through. */
  readonly failureReason: string | null
}

export interface Service extends Reconciled {
  readonly uid: string
  readonly workspace: string
  readonly name: string
  readonly createdAtMs: number
  readonly createdBy: string
  // desired: written by actions
  readonly desiredVersion: number
  readonly desiredReplicas: number
  readonly deletionRequestedAtMs: number | null
  /** Planned down time: no replica; the endpoint stays and says so. */
  readonly isPaused: boolean
  /** Off-hours as a person set them; null: those of the target version. */
  readonly schedule: ScheduleSpec | null
  readonly generation: number
  // observed: written by controllers
  readonly status: ServiceStatus
  readonly statusReason: string
  readonly targetVersion: number
  readonly latestEverReadyVersion: number
  readonly observedGeneration: number
  readonly nextReplicaId: number
  /** Replicas that the controller aims at now: what load, schedule and pause made of the wish. */
  readonly targetReplicas: number
  /** Last version that was rolled out to its end; 0 before the first. Automatic rollbacks go there. */
  readonly stableVersion: number
  /** Since when at least one replica is ready, over restarts of every process; null while none is. */
  readonly readySinceMs: number | null
  /** When a controller last held the row: freshness of the control plane for it (invariant 20). */
  readonly controllerSeenAtMs: number | null
}

export interface ServiceVersion {
  readonly uid: string
  readonly serviceUid: string
  readonly version: number
  readonly spec: ServiceSpec
  /** The YAML as the person wrote it, secrets blanked. */
  readonly yaml: string
  /** First version with the same task: their replicas are interchangeable. Never 0 here. */
  readonly taskVersion: number
  /** SHA-256 over the working folder's files, hex; empty without one. */
  readonly contentHash: string
  readonly createdAtMs: number
  readonly createdBy: string
}

export interface Replica extends Reconciled {
  readonly uid: string
  readonly serviceUid: string
  readonly serviceName: string
  readonly replicaId: number
  readonly version: number
  readonly infra: string
  /** The offer that was chosen, on disk before the infra is called; empty: chosen at launch. */
  readonly offerId: string
  readonly region: string
  readonly zone: string
  readonly instanceType: string
  /** `L4:1`, or empty. */
  readonly accelerator: string
  readonly isSpot: boolean
  readonly priceUsdPerHour: number
  readonly createdAtMs: number
  // desired by the service controller
  readonly isWanted: boolean
  /** Why it is no longer wanted, or empty. */
  readonly unwantedReason: string
  // observed
  readonly status: ReplicaStatus
  readonly statusReason: string
  readonly statusChangedAtMs: number
  readonly outcome: ReplicaOutcome | null
  /** Intent, written before the provider is called: (uid, generation, attempt). */
  readonly attempt: number
  readonly nodeId: string | null
  readonly jobId: string | null
  readonly host: string | null
  readonly port: number | null
  readonly pid: number | null
  readonly pidStartTime: number | null
  readonly bootId: string | null
  readonly exitCode: number | null
  readonly firstReadyAtMs: number | null
  /** Consecutive failed probes and the observed (not wall-clock) milliseconds that they span. */
  readonly probeFailures: number
  readonly probeFailureMs: number
  /** Observed milliseconds since the job started, before the first success. */
  readonly startingMs: number
  readonly drainStartedAtMs: number | null
  /** Table version that no longer routes to it, once written. */
  readonly unroutedAtTable: number | null
}

export interface Endpoint {
  readonly serviceUid: string
  readonly host: string
  readonly port: number
  readonly status: EndpointStatus
  readonly statusReason: string
  readonly createdAtMs: number
  readonly releasedAtMs: number | null
}

export interface Operation extends Reconciled {
  readonly uid: string
  readonly workspace: string
  readonly verb: string
  readonly targetKind: 'service'
  readonly targetUid: string
  readonly targetName: string
  readonly status: OperationStatus
  readonly statusReason: string
  /** Where it is, in a person's words. */
  readonly phase: string
  /** What the verb was asked with, such as the number of a replica. */
  readonly details: { readonly [key: string]: JsonValue }
  readonly requestedBy: string
  readonly createdAtMs: number
  readonly finishedAtMs: number | null
  /** Desired: since when somebody wants it undone; null while nobody does. */
  readonly cancelRequestedAtMs: number | null
  /** Whose wish that is: a user's uid, or empty. */
  readonly cancelRequestedBy: string
}

export interface RecoveryReport {
  readonly uid: string
  readonly serviceUid: string
  readonly atMs: number
  /** Why control was taken over: `plane started`, `lease taken over`. */
  readonly trigger: string
  readonly endpointPort: number
  readonly adoptedReplicas: readonly string[]
  readonly resumedLaunches: readonly string[]
  readonly resumedTeardowns: readonly string[]
  readonly orphans: readonly string[]
  readonly targetReplicas: number
  readonly targetVersion: number
  /** Requests that were still running in the gateway when the controller came back. */
  readonly runningRequests: readonly UnfinishedRequest[]
  /** Requests that a dead gateway process had in flight. */
  readonly unfinishedRequests: readonly UnfinishedRequest[]
}

/** What the autoscaler knows of a service. Counts are ticks, not time; times are shown to people and never decided on. */
export interface AutoscalerState {
  readonly serviceUid: string
  /** Replicas that the load asks for, before over-provisioning, schedule and pause. */
  readonly targetReplicas: number
  readonly upTicks: number
  readonly downTicks: number
  readonly tickedAtMs: number | null
  readonly changedAtMs: number | null
}

/** One change of mind of the autoscaler, with every term that it was made of. */
export interface ScalingDecision {
  readonly uid: string
  readonly serviceUid: string
  readonly atMs: number
  readonly fromReplicas: number
  readonly toReplicas: number
  /** SCREAMING_SNAKE: why. */
  readonly reason: string
  readonly message: string
  readonly terms: { readonly [key: string]: JsonValue }
}

export interface SpotLocation {
  readonly infra: string
  readonly region: string
  readonly zone: string
  readonly status: 'ACTIVE' | 'PREEMPTED'
  readonly changedAtMs: number
}

/** The way of a service from one version to another. */
export interface Rollout {
  readonly uid: string
  readonly serviceUid: string
  readonly serviceName: string
  readonly operationUid: string
  readonly fromVersion: number
  readonly toVersion: number
  readonly mode: UpdateMode
  readonly settings: UpdatePolicy
  readonly rowVersion: number
  readonly status: RolloutStatus
  readonly statusReason: string
  readonly isPaused: boolean
  /** Desired: a person cancelled it, and the service goes back to `fromVersion`. */
  readonly isCancelled: boolean
  /** Of a canary, from 0. */
  readonly step: number
  /** Observed milliseconds in this step, and since the last progress. */
  readonly stepMs: number
  readonly stalledMs: number
  readonly readyPeak: number
  readonly gate: RolloutGate | null
  readonly createdAtMs: number
  readonly createdBy: string
  readonly finishedAtMs: number | null
}

/** What the gate of a canary last measured: new version against old, in this step. */
export interface RolloutGate {
  readonly requests: number
  readonly errorRatio: number
  readonly p95Ms: number | null
  readonly baselineRequests: number
  readonly baselineErrorRatio: number
  readonly baselineP95Ms: number | null
  readonly verdict: 'waiting' | 'passed' | 'failed'
  readonly reason: string
}

export const drillTargets = ['worker', 'gateway', 'web', 'supervisor', 'replica', 'all'] as const
export type DrillTarget = (typeof drillTargets)[number]

export interface Drill {
  readonly uid: string
  readonly serviceUid: string
  readonly serviceName: string
  readonly target: DrillTarget
  readonly repeats: number
  readonly status: 'RUNNING' | 'SUCCEEDED' | 'FAILED'
  /** While it runs: where it is; then: how it ended. */
  readonly statusReason: string
  readonly startedAtMs: number
  readonly startedBy: string
  readonly finishedAtMs: number | null
  /** A running drill that said nothing until then is lost: its process died. */
  readonly expiresAtMs: number
  /** While it runs: the rounds so far. */
  readonly result: DrillResult | null
}

/** What clients saw of a drill, or of one round of it. */
export interface DrillLoad {
  /** Requests from the first death on, good and failed. */
  readonly requests: number
  /** By kind: `connection refused`, `reset`, `502`, … */
  readonly failed: Readonly<Record<string, number>>
  /** Answered after all, on a second connection: the first one broke before an answer, and HTTP lets a client repeat a GET. */
  readonly repeated: number
  /** Longest time in which no request succeeded, milliseconds. */
  readonly longestGapMs: number
  /** Slowest good answer, milliseconds from when the request was due. */
  readonly slowestMs: number
}

export interface DrillResult extends DrillLoad {
  readonly rounds: readonly DrillRound[]
  readonly adopted: readonly string[]
  readonly resumed: readonly string[]
  readonly orphans: readonly string[]
  /** Requests in the lists of unfinished ones that belong to this drill. */
  readonly unfinished: number
}

export interface DrillRound extends DrillLoad {
  readonly target: DrillTarget
  readonly killedPids: readonly number[]
  /** Until every part runs again and the service is as before; null: not within the deadline. */
  readonly recoveredMs: number | null
}
