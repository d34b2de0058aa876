import type { Endpoint, Service } from '@skykeep/core/nouns'
import type { EndpointView, ServiceSummary } from '@skykeep/core/views'
import { shownStatusOf } from './service-freshness.ts'

export interface ServiceParts {
  readonly service: Service
  readonly endpoint: Endpoint | null
  readonly readyReplicas: number
  /** The gateway terminates TLS for it. */
  readonly isTls: boolean
  readonly rollout: ServiceSummary['rollout']
  readonly traffic: ServiceSummary['traffic']
}

/** What people see of a service in a list; pure. */
export function toServiceSummary(parts: ServiceParts, nowMs: number): ServiceSummary {
  const { service, endpoint, readyReplicas, isTls, rollout, traffic } = parts
  const shown = shownStatusOf(service, nowMs)
  return {
    uid: service.uid,
    name: service.name,
    status: shown.status,
    // The stored reason is that of the last change of status; how many are ready changes without one.
    statusReason: withFailure(service, shown.status === 'READY' ? readinessOf(parts) : shown.statusReason),
    endpoint: endpoint === null ? null : toEndpointView(endpoint, isTls),
    version: service.targetVersion,
    readyReplicas,
    targetReplicas: service.targetReplicas,
    createdAtMs: service.createdAtMs,
    createdBy: service.createdBy,
    rollout: rollout && { status: rollout.status, toVersion: rollout.toVersion, isPaused: rollout.isPaused },
    traffic,
  }
}

function readinessOf({ service, readyReplicas }: ServiceParts): string {
  if (readyReplicas === service.targetReplicas) return ''
  return `${readyReplicas} of ${service.targetReplicas} replicas ready`
}

/** A controller that fails backs off and goes on; until one run comes through, its reason is in sight. */
function withFailure({ failureReason }: Service, reason: string): string {
  if (failureReason === null) return reason
  return [reason, `the last step failed and is tried again: ${failureReason}`].filter(Boolean).join('; ')
}

export function toEndpointView(endpoint: Endpoint, isTls: boolean): EndpointView {
  return {
    url: `${isTls ? 'https' : 'http'}://${endpoint.host}:${endpoint.port}`,
    port: endpoint.port,
    status: endpoint.status,
    statusReason: endpoint.statusReason,
  }
}
