import type {
  EndpointStatus,
  OperationStatus,
  ReplicaOutcome,
  ReplicaStatus,
  ServiceStatus,
} from './statuses.ts'
import type { ServiceSpec } from './service-spec.ts'
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
  readonly generation: number
  // observed: written by controllers
  readonly status: ServiceStatus
  readonly statusReason: string
  readonly targetVersion: number
  readonly latestEverReadyVersion: number
  readonly observedGeneration: number
  readonly nextReplicaId: number
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
  readonly requestedBy: string
  readonly createdAtMs: number
  readonly finishedAtMs: number | null
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
