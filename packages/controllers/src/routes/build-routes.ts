import type { Endpoint, Replica, Service } from '@skykeep/core/nouns'
import type { ReplicaRoute, ServiceRoute } from '@skykeep/core/routes'
import type { ServiceSpec } from '@skykeep/core/service-spec'

export interface RoutedService {
  readonly service: Service
  readonly endpoint: Endpoint
  /** Spec of the version that the service aims at. */
  readonly spec: ServiceSpec
  /** Its replicas that are not TERMINATED. */
  readonly replicas: readonly Replica[]
}

/** Longest silence on a response where the YAML says nothing, seconds (SkyPilot `LB_STREAM_TIMEOUT`). */
const defaultStreamTimeoutSeconds = 120

/** What the gateway serves, in one stable order so that equal content is equal text. Pure. */
export function buildRoutes(services: readonly RoutedService[]): readonly ServiceRoute[] {
  return services
    .filter(isRouted)
    .map(({ service, endpoint, spec, replicas }) => ({
      serviceUid: service.uid,
      serviceName: service.name,
      host: endpoint.host,
      port: endpoint.port,
      policy: spec.service.loadBalancingPolicy,
      streamTimeoutSeconds: spec.service.streamTimeoutSeconds ?? defaultStreamTimeoutSeconds,
      replicas: replicas.flatMap(replicaRoute).toSorted((a, b) => a.replicaId - b.replicaId),
    }))
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

function replicaRoute(replica: Replica): readonly ReplicaRoute[] {
  const { host, port, status } = replica
  if (host === null || port === null || (status !== 'READY' && status !== 'DRAINING')) return []
  return [
    {
      replicaUid: replica.uid,
      replicaId: replica.replicaId,
      version: replica.version,
      host,
      port,
      // A replica that is no longer wanted takes nothing new even before its own controller looks at it.
      isDraining: status === 'DRAINING' || !replica.isWanted,
    },
  ]
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
