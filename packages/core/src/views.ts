import type { TrafficFigures } from './traffic.ts'
import type { GatewayDrain } from './gateway-drain.ts'
import type { SkykeepEvent } from './events.ts'
import type { AutoscalerState, Drill, Rollout, ScalingDecision, SpotLocation } from './nouns.ts'
import type { UnfinishedRequest } from './routes.ts'
import type { ServiceAccessView } from './service-key-views.ts'
import type { ScheduleSpec, ServiceSpec, UpdateMode } from './service-spec.ts'
import type { TakenOutView } from './taken-out.ts'
import type {
  EndpointStatus,
  OperationStatus,
  ReplicaOutcome,
  ReplicaStatus,
  ServiceStatus,
} from './statuses.ts'

/** What people and programs read: stable shapes of the API, `--json` and the dashboard. Times are ms since the epoch. */
export interface Page<T> {
  readonly items: readonly T[]
  /** Pass it back to read on; null at the end. */
  readonly nextCursor: string | null
  readonly total: number
}

/** CONTROLLER_FAILED is the freshness of the controller's lease, computed when read (invariant 20). */
export type ShownServiceStatus = ServiceStatus | 'CONTROLLER_FAILED'

export interface EndpointView {
  /** `http://127.0.0.1:30001` */
  readonly url: string
  readonly port: number
  readonly status: EndpointStatus
  readonly statusReason: string
}

export interface ServiceSummary {
  readonly uid: string
  readonly name: string
  readonly status: ShownServiceStatus
  readonly statusReason: string
  readonly endpoint: EndpointView | null
  readonly version: number
  readonly readyReplicas: number
  readonly targetReplicas: number
  readonly createdAtMs: number
  readonly createdBy: string
  /** Under way now; null: none. */
  readonly rollout: Pick<Rollout, 'status' | 'toVersion' | 'isPaused'> | null
  /** Requests of the last minute that was counted; null: none, or not counted. */
  readonly traffic: TrafficFigures | null
}

export interface ReplicaView {
  readonly uid: string
  /** The small number: `hello-3` is replica 3 of hello. */
  readonly id: number
  readonly status: ReplicaStatus
  readonly outcome: ReplicaOutcome | null
  readonly version: number
  readonly infra: string
  readonly region: string
  readonly zone: string
  readonly instanceType: string
  /** `L4:1`, or empty. */
  readonly accelerator: string
  readonly isSpot: boolean
  readonly priceUsdPerHour: number
  /** `127.0.0.1:20007`, or null before it has one. */
  readonly endpoint: string | null
  readonly pid: number | null
  /** Why it is not ready; null when it is. */
  readonly notReadyReason: string | null
  /** What gateway processes say of it, whatever its status; null: none has taken it out of its choice, or none answers. */
  readonly takenOut: TakenOutView | null
  readonly createdAtMs: number
  readonly statusChangedAtMs: number
  readonly exitCode: number | null
}

export interface VersionView {
  readonly version: number
  /** First version with the same task: their replicas are interchangeable. */
  readonly taskVersion: number
  readonly createdAtMs: number
  readonly createdBy: string
  readonly yaml: string
}

export interface ServiceView extends ServiceSummary {
  readonly versions: readonly VersionView[]
  /** Living replicas first, then the latest that ended (at most 20). */
  readonly replicas: readonly ReplicaView[]
  readonly loadBalancingPolicy: string
  /** Null: everybody may ask, without limit. */
  readonly access: ServiceAccessView | null
  readonly unfinishedRequests: readonly UnfinishedRequest[]
  readonly recoveryReports: readonly RecoveryReportView[]
  readonly isPaused: boolean
  /** The one in force: a person's, else that of the YAML; null: none. */
  readonly schedule: ScheduleView | null
  /** What a person asked for last; differs from `version` while a rollout runs and after an automatic rollback. */
  readonly desiredVersion: number
  readonly stableVersion: number
  readonly minReplicas: number
  readonly maxReplicas: number
  /** `fixed`, `request_rate`, … */
  readonly scalingMetric: string
  /** Null before the autoscaler has decided for the first time, and where the number is fixed. */
  readonly autoscaler: AutoscalerState | null
  /** Newest first, at most 50. */
  readonly decisions: readonly ScalingDecision[]
  /** Newest first, at most 20; the first may be under way. */
  readonly rollouts: readonly Rollout[]
  /** Newest first, at most 20. */
  readonly drills: readonly DrillView[]
  readonly spotLocations: readonly SpotLocation[]
  /** Since when at least one replica is ready; null while none is. */
  readonly readySinceMs: number | null
}

/** LOST is computed when read: its process died before it could say how it ended. */
export interface DrillView extends Omit<Drill, 'status' | 'serviceUid' | 'expiresAtMs'> {
  readonly status: Drill['status'] | 'LOST'
}

/** What a drill needs to know of its service. */
export interface DrillPlanView {
  /** What its clients ask for: the path of the readiness probe. */
  readonly path: string
  /** The newest ready replica: what a drill of `replica` kills; null: none is ready, or it runs where no process of it can be killed. */
  readonly newestReady: DrillVictim | null
}

/** One process for ever: a pid alone is handed out again. It leads the replica's process group. */
export interface DrillVictim {
  readonly replicaUid: string
  readonly replicaId: number
  readonly pid: number
  readonly startTime: number
  readonly bootId: string
}

export interface ScheduleView {
  readonly spec: ScheduleSpec
  /** True: set on the service by a person; false: written in its YAML. */
  readonly isOverride: boolean
  readonly isOff: boolean
  /** When that changes next; null: never. */
  readonly nextChangeAtMs: number | null
}

/** What an update would change. */
export interface DiffView {
  readonly fromVersion: number
  /** False: nothing would change. */
  readonly isDifferent: boolean
  /** True: only settings of the service change, and every replica is kept. */
  readonly keepsReplicas: boolean
  readonly changes: readonly DiffChange[]
  /** Unified diff of the YAML, secrets blanked. */
  readonly yaml: string
  /** How the new version would take over. */
  readonly mode: UpdateMode
  /** Living replicas that would go on, and those that would be replaced. */
  readonly keptReplicas: number
  readonly replacedReplicas: number
  /** What a person should know beside, such as a certificate that has expired. */
  readonly warnings: readonly string[]
}

/** What is different between two versions that exist. */
export interface VersionDiffView extends Pick<
  DiffView,
  'fromVersion' | 'isDifferent' | 'keepsReplicas' | 'changes' | 'yaml'
> {
  readonly toVersion: number
}

export interface DiffChange {
  /** `service.readiness_probe.path`, `workdir`, `secrets.TOKEN`. */
  readonly path: string
  /** JSON text; null: absent. A secret's value is never shown. */
  readonly before: string | null
  readonly after: string | null
  /** Replicas are replaced for it. */
  readonly replacesReplicas: boolean
}

export interface UpdateResult {
  /** Null: nothing was different, so there is nothing to follow. */
  readonly operationUid: string | null
  readonly name: string
  readonly fromVersion: number
  readonly toVersion: number
  readonly keepsReplicas: boolean
  readonly mode: UpdateMode
  readonly note: string | null
}

export interface HistoryView {
  readonly name: string
  readonly versions: readonly VersionView[]
  readonly rollouts: readonly Rollout[]
  readonly desiredVersion: number
  readonly targetVersion: number
  readonly stableVersion: number
}

/** The answer of a verb whose operation can be followed. */
export interface RequestedView {
  readonly operationUid: string
  readonly name: string
}

export interface CancelView extends RequestedView {
  /** What becomes of the service, as a sentence. */
  readonly message: string
}

export interface RecoveryReportView {
  readonly uid: string
  readonly atMs: number
  readonly trigger: string
  readonly adoptedReplicas: readonly string[]
  readonly resumedLaunches: readonly string[]
  readonly resumedTeardowns: readonly string[]
  readonly orphans: readonly string[]
  readonly targetReplicas: number
  readonly targetVersion: number
  readonly endpointPort: number
  readonly runningRequests: readonly UnfinishedRequest[]
  readonly unfinishedRequests: readonly UnfinishedRequest[]
}

export interface OperationView {
  readonly uid: string
  readonly verb: string
  readonly targetKind: string
  readonly targetName: string
  readonly status: OperationStatus
  readonly statusReason: string
  readonly phase: string
  readonly requestedBy: string
  readonly createdAtMs: number
  readonly finishedAtMs: number | null
  /** Since when somebody wants it undone; null while nobody does. */
  readonly cancelRequestedAtMs: number | null
  /** That person's name, or empty. */
  readonly cancelRequestedBy: string
  /** Why it was set aside after it had ended its worker three times; null while it was not. */
  readonly setAsideReason: string | null
}

export type EventView = SkykeepEvent

export interface LogChunk {
  readonly text: string
  /** Global offset of the first byte of `text`. */
  readonly offset: number
  readonly nextOffset: number
  /** True when nothing more will come. */
  readonly isEnded: boolean
}

/** One line of a replica's log. */
/** One line of a control plane's process about a service. */
export interface ProcessLineView {
  readonly process: string
  readonly atMs: number
  readonly level: string
  readonly message: string
  /** JSON text of what else the line says; empty for nothing. */
  readonly details: string
}

export interface ProcessView {
  /** supervisor, web, worker, gateway-0, gateway-1 */
  readonly name: string
  readonly pid: number
  readonly port: number | null
  /** `draining`: a gateway that was replaced, or told to end; it takes no more connections. */
  readonly state: 'running' | 'draining' | 'not answering' | 'gone'
  /** Of a gateway that drains: what it carries, and how long at most; null where it does not drain. */
  readonly drain: GatewayDrain | null
  /** What a gateway says does not work as it should, though it serves; empty when all is well. */
  readonly faults: readonly string[]
  readonly startedAtMs: number
  readonly build: string
}

export interface SystemView {
  readonly persistentPath: string
  readonly database: {
    readonly kind: 'sqlite' | 'postgresql'
    readonly location: string
    readonly migration: string
  }
  readonly role: 'active' | 'standby'
  readonly fence: number
  readonly installationId: string
  readonly version: string
  readonly processes: readonly ProcessView[]
  readonly storage: {
    readonly state: 'ok' | 'degraded'
    readonly reason: string
    readonly freeBytes: number
    /** Kept for the control plane, to be given back when the disk is full. */
    readonly reserveBytes: number
  }
  readonly gateway: {
    readonly tableVersion: number
    readonly ackedVersion: number
    readonly ports: readonly number[]
  }
  readonly setAside: readonly { readonly kind: string; readonly uid: string; readonly reason: string }[]
  /** Why the path that config.yaml names now is not followed, and what to do; null: it names this one. */
  readonly pathProblem: string | null
  readonly counts: {
    readonly services: number
    readonly replicas: number
    readonly operations: number
    readonly events: number
  }
}

export interface OverviewView {
  readonly services: readonly { readonly status: ShownServiceStatus; readonly count: number }[]
  readonly replicas: readonly { readonly status: ReplicaStatus; readonly count: number }[]
  /** What is wrong now, most urgent first. */
  readonly problems: readonly { readonly title: string; readonly detail: string; readonly href: string }[]
  readonly runningOperations: readonly OperationView[]
  readonly recentEvents: readonly EventView[]
  readonly storage: SystemView['storage']
}

export interface MeView {
  readonly name: string
  readonly role: 'admin' | 'user' | 'viewer'
}

export interface UpResult {
  /** Null when the same YAML runs already: nothing was asked, so there is nothing to follow. */
  readonly operationUid: string | null
  readonly serviceUid: string
  readonly name: string
  readonly endpointUrl: string
  /** What a person should know about this answer, or null. */
  readonly note: string | null
}

export interface DownResult {
  readonly operationUid: string
  readonly name: string
}

/** One finding in a YAML: where it is, what is wrong and the way out; what `@skykeep/spec` reports. Lines and columns count from 1. */
export interface SpecProblemView {
  readonly severity: 'error' | 'warning'
  /** `service.readiness_probe.path`, or `(document)`. */
  readonly path: string
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
  readonly value: string
  readonly message: string
  readonly hint: string
  /** The source line, with what must not be shown masked. */
  readonly excerpt: string
}

export interface ServiceCheckView {
  /** True without an error; there may be warnings. */
  readonly ok: boolean
  readonly problems: readonly SpecProblemView[]
  /** Present when `ok`. */
  readonly spec?: ServiceSpec
  /** The living service of that name: an update goes to it; null: the name is free. Present when `ok`. */
  readonly living?: { readonly version: number; readonly isGoing: boolean } | null
}

export interface SignInCodeView {
  /** Shown once; only its hash is kept. */
  readonly code: string
  readonly url: string
  readonly expiresAtMs: number
}

export interface OperationDetailView extends OperationView {
  readonly events: readonly EventView[]
}

/** What the one live stream of a browser or a `--watch` carries. */
export type WatchMessage =
  | { readonly type: 'events'; readonly events: readonly EventView[]; readonly seq: number }
  | { readonly type: 'relist'; readonly reason: RelistReason; readonly seq: number }

/** EVENTS_LOST: older than what is kept, or of another database. PLANE_CHANGED: something that no event tells of. */
export type RelistReason = 'EVENTS_LOST' | 'PLANE_CHANGED'
