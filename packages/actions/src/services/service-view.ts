import type { Endpoint, Service } from '@skykeep/core/nouns'
import type { EndpointView, ServiceSummary } from '@skykeep/core/views'
import { shownStatusOf } from './service-freshness.ts'

export interface ServiceParts {
  readonly service: Service
  readonly endpoint: Endpoint | null
  readonly readyReplicas: number
}

/** What people see of a service in a list; pure. */
export function toServiceSummary(parts: ServiceParts, nowMs: number): ServiceSummary {
  const { service, endpoint, readyReplicas } = parts
  const shown = shownStatusOf(service, nowMs)
  return {
    uid: service.uid,
    name: service.name,
    status: shown.status,
    // The stored reason is that of the last change of status; how many are ready changes without one.
    statusReason: withFailure(service, shown.status === 'READY' ? readinessOf(parts) : shown.statusReason),
    endpoint: endpoint === null ? null : toEndpointView(endpoint),
    version: service.targetVersion,
    readyReplicas,
    targetReplicas: service.desiredReplicas,
    createdAtMs: service.createdAtMs,
    createdBy: service.createdBy,
  }
}

function readinessOf({ service, readyReplicas }: ServiceParts): string {
  if (readyReplicas === service.desiredReplicas) return ''
  return `${readyReplicas} of ${service.desiredReplicas} replicas ready`
}

/** A controller that fails backs off and goes on; until one run comes through, its reason is in sight. */
function withFailure({ failureReason }: Service, reason: string): string {
  if (failureReason === null) return reason
  return [reason, `the last step failed and is tried again: ${failureReason}`].filter(Boolean).join('; ')
}

export function toEndpointView(endpoint: Endpoint): EndpointView {
  return {
    url: `http://${endpoint.host}:${endpoint.port}`,
    port: endpoint.port,
    status: endpoint.status,
    statusReason: endpoint.statusReason,
  }
}
