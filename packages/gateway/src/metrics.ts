import type { Declaration } from '@skykeep/telemetry/metrics/declaration'
import { gatewayMetrics as of } from '@skykeep/telemetry/metrics/gateway'
import { exposeHistogram, exposeSamples, type Sample } from '@skykeep/telemetry/metrics/snapshot'
import type { Gateway } from './gateway.ts'
import type { ReplicaState } from './replica-state.ts'
import type { ServiceState } from './service-state.ts'

const classes = ['2xx', '3xx', '4xx', '5xx'] as const

/** The text exposition of one gateway process, from counts that it keeps anyway. Requests of the running second are not in it yet. */
export function gatewayExposition(gateway: Gateway, process: string): string {
  const { plane } = gateway
  plane.counts.roll()
  const { services, replicas } = tablesOf(plane.routes.serviceList)
  const perService = (metric: Declaration, read: (service: ServiceState) => number): string =>
    exposeSamples(
      metric,
      services.map((each) => ({ labels: { ...each.labels, process }, value: read(each.service) })),
    )
  const perReplica = (metric: Declaration, read: (replica: ReplicaState) => number): string =>
    exposeSamples(
      metric,
      replicas.map((each) => ({ labels: { ...each.labels, process }, value: read(each.replica) })),
    )
  const alone = (metric: Declaration, value: number): string =>
    exposeSamples(metric, [{ labels: { process }, value }])
  const versions = services.flatMap(({ labels, service }) =>
    [...service.counter.totals.versions].map((totals) => ({
      totals,
      labels: { ...labels, version: String(totals.version), process },
    })),
  )
  const { pool } = plane
  const { boundPorts: _bound, blockedPorts } = gateway.status()
  return [
    exposeSamples(
      of.requests,
      versions.flatMap(({ totals, labels }) => byClass(labels, totals.byClass, totals.ended)),
    ),
    exposeSamples(
      of.failed,
      versions.map(({ totals, labels }) => ({ labels, value: totals.failed })),
    ),
    exposeHistogram(
      of.duration,
      versions.map(({ totals, labels }) => ({ labels, counts: totals.latency, sum: totals.sumMs / 1000 })),
    ),
    exposeHistogram(
      of.firstByte,
      services.map(({ labels, service: { counter } }) => ({
        labels: { ...labels, process },
        counts: counter.totals.firstByte,
        sum: counter.totals.firstByteSumMs / 1000,
      })),
    ),
    exposeSamples(
      of.replicaRequests,
      replicas.flatMap(({ labels, replica, service }) => {
        const { byClass: counts, ended } = service.counter.totals.replica(replica.replicaId)
        return byClass({ ...labels, process }, counts, ended)
      }),
    ),
    perService(of.inFlight, ({ inFlight }) => inFlight),
    perService(of.parked, ({ counter }) => counter.parked),
    perReplica(of.replicaInFlight, ({ inFlight }) => inFlight),
    perReplica(of.ejected, ({ ejectedAt }) => (ejectedAt >= 0 ? 1 : 0)),
    perService(of.ejections, ({ counter }) => counter.totals.ejections),
    perService(of.retries, ({ counter }) => counter.totals.retries),
    perService(of.retriesRefused, ({ counter }) => counter.totals.retriesRefused),
    alone(of.connects, pool.connects),
    alone(of.connectFailures, pool.connectFailures),
    alone(of.upstreamBytesRead, pool.bytesRead),
    alone(of.upstreamBytesWritten, pool.bytesWritten),
    alone(of.tableVersion, plane.routes.appliedVersion),
    alone(of.blockedPorts, blockedPorts.length),
  ].join('')
}

interface Tables {
  readonly services: readonly {
    readonly service: ServiceState
    readonly labels: { readonly service: string }
  }[]
  readonly replicas: readonly {
    readonly replica: ReplicaState
    readonly service: ServiceState
    readonly labels: { readonly service: string; readonly replica: string }
  }[]
}

function tablesOf(serviceList: readonly ServiceState[]): Tables {
  const services = serviceList.map((service) => ({ service, labels: { service: service.route.serviceName } }))
  const replicas = services.flatMap(({ service, labels }) =>
    service.replicas.map((replica) => ({
      replica,
      service,
      labels: { ...labels, replica: String(replica.replicaId) },
    })),
  )
  return { services, replicas }
}

function byClass(labels: Sample['labels'], counts: readonly number[], ended: number): readonly Sample[] {
  const answered = classes.map((name, at) => ({ labels: { ...labels, class: name }, value: counts[at] ?? 0 }))
  const rest = ended - answered.reduce((sum, { value }) => sum + value, 0)
  return [...answered, { labels: { ...labels, class: 'none' }, value: rest }]
}
