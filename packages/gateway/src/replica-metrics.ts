import type { Declaration } from '@skykeep/telemetry/metrics/declaration'
import { gatewayMetrics as of } from '@skykeep/telemetry/metrics/gateway'
import { exposeHistogram, exposeSamples } from '@skykeep/telemetry/metrics/snapshot'
import type { Durations } from './durations.ts'
import type { Plane } from './plane.ts'
import type { ReplicaState } from './replica-state.ts'
import { byClass, secondsOf } from './samples.ts'

/** What one process tells of each replica that a table names; histograms only of those that had something to count. */
export function replicaExposition({ routes, pool }: Plane, process: string): string {
  const replicas = routes.serviceList.flatMap((service) =>
    service.replicas.map((replica) => ({
      replica,
      ofRequests: service.counter.totals.replica(replica.replicaId),
      labels: {
        service: service.route.serviceName,
        version: String(replica.version),
        replica: String(replica.replicaId),
        process,
      },
    })),
  )
  const perReplica = (metric: Declaration, read: (replica: ReplicaState) => number): string =>
    exposeSamples(
      metric,
      replicas.map(({ labels, replica }) => ({ labels, value: read(replica) })),
    )
  const durations = (metric: Declaration, read: (replica: ReplicaState) => Durations): string =>
    exposeHistogram(
      metric,
      replicas
        .filter(({ replica }) => read(replica).counts.length > 0)
        .map(({ labels, replica }) => secondsOf(labels, read(replica))),
    )
  const open = pool.bytesOfReplicas()
  return [
    exposeSamples(
      of.replicaRequests,
      replicas.flatMap(({ labels, ofRequests }) => byClass(labels, ofRequests)),
    ),
    exposeHistogram(
      of.replicaDuration,
      replicas
        .filter(({ ofRequests }) => ofRequests.ended > 0)
        .map(({ labels, ofRequests: { latency, sumMs } }) => ({
          labels,
          counts: latency,
          sum: sumMs / 1000,
        })),
    ),
    durations(of.replicaFirstByte, ({ totals }) => totals.firstByte),
    durations(of.replicaConnect, ({ totals }) => totals.connect),
    perReplica(of.replicaConnectFailures, ({ totals }) => totals.connectFailures),
    perReplica(of.replicaInFlight, ({ inFlight }) => inFlight),
    perReplica(of.ejected, ({ ejectedAt }) => (ejectedAt >= 0 ? 1 : 0)),
    perReplica(of.replicaEjections, ({ totals }) => totals.ejections),
    perReplica(of.replicaRetries, ({ totals }) => totals.retries),
    perReplica(of.replicaBytesRead, (replica) => open.get(replica)?.read ?? replica.totals.bytesRead),
    perReplica(
      of.replicaBytesWritten,
      (replica) => open.get(replica)?.written ?? replica.totals.bytesWritten,
    ),
  ].join('')
}
