import { gatewayMetrics as of } from '@skykeep/telemetry/metrics/gateway'
import { exposeHistogram, exposeSamples, type Sample } from '@skykeep/telemetry/metrics/snapshot'
import type { Declaration } from '@skykeep/telemetry/metrics/declaration'
import type { Gateway } from './gateway.ts'
import { refusalKinds } from './refusals.ts'
import type { RefusalCounts } from './refusals.ts'
import { replicaExposition } from './replica-metrics.ts'
import { byClass, secondsOf } from './samples.ts'
import type { ServiceState } from './service-state.ts'

/** The text exposition of one gateway process, from counts that it keeps anyway. Requests of the running second are not in it yet. */
export function gatewayExposition(gateway: Gateway, process: string): string {
  const { plane } = gateway
  plane.counts.roll()
  const { pool } = plane
  const alone = (metric: Declaration, value: number): string =>
    exposeSamples(metric, [{ labels: { process }, value }])
  const bytes = pool.bytes()
  return [
    serviceExposition(gateway, process),
    replicaExposition(plane, process),
    alone(of.connects, pool.connects),
    alone(of.connectFailures, pool.connectFailures),
    alone(of.upstreamBytesRead, bytes.read),
    alone(of.upstreamBytesWritten, bytes.written),
    alone(of.accessLogDropped, plane.accessLog.droppedLines),
    alone(of.tableVersion, plane.routes.appliedVersion),
    alone(of.blockedPorts, gateway.status().blockedPorts.length),
  ].join('')
}

function serviceExposition({ plane }: Gateway, process: string): string {
  const services = plane.routes.serviceList.map((service) => ({
    service,
    labels: { service: service.route.serviceName, process },
  }))
  const perService = (metric: Declaration, read: (service: ServiceState) => number): string =>
    exposeSamples(
      metric,
      services.map(({ labels, service }) => ({ labels, value: read(service) })),
    )
  const versions = services.flatMap(({ labels: { service: name }, service }) =>
    [...service.counter.totals.versions].map((totals) => ({
      totals,
      labels: { service: name, version: String(totals.version), process },
    })),
  )
  return [
    exposeSamples(
      of.requests,
      versions.flatMap(({ totals, labels }) => byClass(labels, totals)),
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
      services.map(({ labels, service }) => secondsOf(labels, service.counter.totals.firstByte)),
    ),
    exposeSamples(of.refused, [
      ...services.flatMap(({ labels, service }) => byKind(labels, service.counter.totals.refused)),
      ...byKind({ service: '', process }, plane.refused),
    ]),
    perService(of.inFlight, ({ inFlight }) => inFlight),
    perService(of.parked, ({ counter }) => counter.parked),
    perService(of.ejections, ({ counter }) => counter.totals.ejections),
    perService(of.retries, ({ counter }) => counter.totals.retries),
    perService(of.hedges, ({ counter }) => counter.totals.hedges),
    perService(of.hedgesWon, ({ counter }) => counter.totals.hedgesWon),
    perService(of.retriesRefused, ({ counter }) => counter.totals.retriesRefused),
  ].join('')
}

/** Only those that happened: a kind that did not is no series. */
function byKind(labels: Sample['labels'], refused: RefusalCounts): readonly Sample[] {
  return refusalKinds.flatMap((kind) =>
    refused[kind] === 0 ? [] : { labels: { ...labels, kind }, value: refused[kind] },
  )
}
