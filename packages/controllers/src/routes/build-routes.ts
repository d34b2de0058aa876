import type { Endpoint, Replica, Rollout, Service } from '@skykeep/core/nouns'
import type {
  ClosedRoute,
  KeyRoute,
  ReplicaRoute,
  RouteShare,
  ServiceRoute,
  TokenRevocationRoute,
} from '@skykeep/core/routes'
import { accessOf } from './access-route.ts'
import type { ScheduleSpec, ServiceSpec, ServingSpec } from '@skykeep/core/service-spec'
import { qpsCapacity } from '@skykeep/serving/capacity'
import { isOldAtFull } from '@skykeep/serving/rollouts/plan'
import { scheduleAt } from '@skykeep/serving/schedule'

export interface RoutedService {
  readonly service: Service
  readonly endpoint: Endpoint
  /** Spec of the version that the service aims at. */
  readonly spec: ServiceSpec
  /** Its replicas that are not TERMINATED. */
  readonly replicas: readonly Replica[]
  /** The one that is under way, or null. */
  readonly rollout: Rollout | null
  /** First version with the same task, by version. */
  readonly taskVersions: ReadonlyMap<number, number>
  /** Folder of the target version, relative to the persistent path. */
  readonly versionDir: string
  /** Its keys that were not revoked, in one stable order; read only where the spec wants one. */
  readonly keys: readonly KeyRoute[]
  /** What was revoked of its signed tokens, likewise. */
  readonly revocations: readonly TokenRevocationRoute[]
  /** Wall time: off-hours follow the clock on the wall. */
  readonly nowMs: number
}

/** Longest silence on a response where the YAML says nothing, seconds (SkyPilot `LB_STREAM_TIMEOUT`). */
const defaultStreamTimeoutSeconds = 120
const defaultMaxParked = 100
const defaultParkingTimeoutSeconds = 120

/**
 * What the gateway serves, in one stable order so that equal content is equal text. Pure.
 * @param zone where the gateway runs; '' where nobody said.
 */
export function buildRoutes(services: readonly RoutedService[], zone = ''): readonly ServiceRoute[] {
  return services
    .filter(isRouted)
    .map((routed) => serviceRoute(routed, zone))
    .toSorted((a, b) => a.port - b.port || compareText(a.serviceUid, b.serviceUid))
}

/** A service keeps its port until the last replica that may have requests in flight is past draining. */
function isRouted({ service, endpoint, replicas }: RoutedService): boolean {
  if (endpoint.status === 'RELEASED' || service.status === 'TERMINATED') return false
  return service.deletionRequestedAtMs === null || replicas.some(isReachable)
}

function isReachable({ status }: Replica): boolean {
  return status === 'READY' || status === 'NOT_READY' || status === 'DRAINING'
}

function serviceRoute(routed: RoutedService, zone: string): ServiceRoute {
  const { service, endpoint, spec } = routed
  const serving = spec.service
  const closed = closedOf(service, serving.schedule, routed.nowMs)
  const split = splitOf(routed)
  const { tls, hash, maxConcurrencyPerReplica, outlierDetection, hedge, accessLog } = serving
  const prefersNear = serving.prefersSameZone === true && zone !== ''
  return {
    serviceUid: service.uid,
    serviceName: service.name,
    host: endpoint.host,
    port: endpoint.port,
    policy: serving.loadBalancingPolicy,
    ...(hash === undefined ? {} : { hash }),
    ...(prefersNear ? { prefersNear } : {}),
    streamTimeoutSeconds: serving.streamTimeoutSeconds ?? defaultStreamTimeoutSeconds,
    replicas: routed.replicas
      .flatMap((replica) => replicaRoute(routed, replica, prefersNear ? zone : ''))
      .toSorted((a, b) => a.replicaId - b.replicaId),
    ...(split === null ? {} : { split }),
    ...parkingOf(serving),
    ...(maxConcurrencyPerReplica === undefined ? {} : { maxConcurrencyPerReplica }),
    ...(closed === null ? {} : { closed }),
    ...(tls === undefined ? {} : { tls: tlsOf(routed) }),
    ...(serving.access === undefined ? {} : { access: accessOf(serving.access, routed) }),
    ...(outlierDetection === undefined ? {} : { outlierDetection }),
    ...(hedge === undefined ? {} : { hedge }),
    ...(accessLog === undefined ? {} : { accessLog }),
  }
}

/** A version's files never change: its number stands for their content. */
function tlsOf({ service, versionDir }: RoutedService): NonNullable<ServiceRoute['tls']> {
  return {
    certFile: `${versionDir}/tls/cert.pem`,
    keyFile: `${versionDir}/tls/key.pem`,
    digest: `${service.uid}/${service.targetVersion}`,
  }
}

function parkingOf(serving: ServingSpec): Pick<ServiceRoute, 'parking'> {
  const { scaling, maxConcurrencyPerReplica, maxParkedRequests, parkingTimeoutSeconds } = serving
  const isOnByItself = scaling?.minReplicas === 0 || maxConcurrencyPerReplica !== undefined
  const maxRequests = maxParkedRequests ?? (isOnByItself ? defaultMaxParked : 0)
  if (maxRequests === 0) return {}
  return { parking: { maxRequests, timeoutSeconds: parkingTimeoutSeconds ?? defaultParkingTimeoutSeconds } }
}

function closedOf(service: Service, ofYaml: ScheduleSpec | undefined, nowMs: number): ClosedRoute | null {
  const { name } = service
  if (service.isPaused) {
    return { reason: 'PAUSED', message: `${name} is paused`, opensAtMs: null }
  }
  const schedule = service.schedule ?? ofYaml
  if (schedule === undefined || schedule.offHours.length === 0) return null
  const { replicas, opensAtMs, isWarmingUp } = scheduleAt(schedule, nowMs)
  // While it warms up it opens with its first replica.
  if (replicas !== 0 || isWarmingUp) return null
  const until = opensAtMs === null ? '' : ` until ${new Date(opensAtMs).toISOString()}`
  return { reason: 'OFF_HOURS', message: `${name} is closed${until}`, opensAtMs }
}

/** @param nearZone replicas in it are near; '': the service does not ask. */
function replicaRoute(routed: RoutedService, replica: Replica, nearZone: string): readonly ReplicaRoute[] {
  const { host, port, status } = replica
  if (host === null || port === null || (status !== 'READY' && status !== 'DRAINING')) return []
  if (status === 'READY' && isHeldBack(routed, replica)) return []
  const { scaling } = routed.spec.service
  const byAccelerator =
    scaling?.metric.kind === 'instance_aware' ? scaling.metric.targetQpsByAccelerator : null
  return [
    {
      replicaUid: replica.uid,
      replicaId: replica.replicaId,
      version: replica.version,
      host,
      port,
      // A replica that is no longer wanted takes nothing new even before its own controller looks at it.
      isDraining: status === 'DRAINING' || !replica.isWanted,
      ...(byAccelerator === null ? {} : { targetQps: qpsCapacity(byAccelerator, replica.accelerator) }),
      ...(nearZone !== '' && replica.zone === nearZone ? { isNear: true } : {}),
    },
  ]
}

/** Before the switch of a blue-green update the new version gets no request, not even where the old one has lost every replica. */
function isHeldBack({ rollout, taskVersions }: RoutedService, { version, isWanted }: Replica): boolean {
  if (rollout === null || rollout.mode !== 'blue_green' || !isOldAtFull(rollout) || !isWanted) return false
  return (
    isOfTask(taskVersions, version, rollout.toVersion) &&
    !isOfTask(taskVersions, version, rollout.fromVersion)
  )
}

/** Shares of a canary's step, once each side has a replica. */
function splitOf({ rollout, replicas, taskVersions }: RoutedService): readonly RouteShare[] | null {
  if (rollout === null || rollout.mode !== 'canary' || !isOldAtFull(rollout)) return null
  const { stepPercents, header } = rollout.settings.canary
  const percent = stepPercents[rollout.step] ?? 100
  const versions = [
    ...new Set(replicas.filter(({ status }) => status === 'READY').map(({ version }) => version)),
  ]
  const isFresh = (version: number): boolean => isOfTask(taskVersions, version, rollout.toVersion)
  const fresh = versions.filter(isFresh).toSorted((a, b) => a - b)
  const old = versions.filter((version) => !isFresh(version)).toSorted((a, b) => a - b)
  if (fresh.length === 0 || old.length === 0) return null
  return [
    { versions: fresh, percent, ...(header === undefined ? {} : { header }) },
    { versions: old, percent: 100 - percent },
  ]
}

function isOfTask(taskVersions: ReadonlyMap<number, number>, version: number, of: number): boolean {
  return (taskVersions.get(version) ?? version) === (taskVersions.get(of) ?? of)
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
