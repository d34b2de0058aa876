import type { GatewayStatus } from '@skykeep/core/routes'
import type { Endpoint } from '@skykeep/core/nouns'
import type { EndpointStatus } from '@skykeep/core/statuses'

/** A gateway process as seen from here. `silent`: its process lives but did not answer, so nothing may be concluded. */
export interface SeenGateway {
  readonly name: string
  readonly state: 'answering' | 'silent'
  /** The last answer; null when it never gave one. */
  readonly status: GatewayStatus | null
}

/** True when every gateway process that lives has applied the table of that version, or a later one (invariants 9, 10). */
export function haveAllApplied(gateways: readonly SeenGateway[], version: number): boolean {
  return gateways.every(
    ({ state, status }) => state === 'answering' && (status?.appliedVersion ?? -1) >= version,
  )
}

/** Requests in flight to one replica over all gateways that live. */
export function inFlightTo(gateways: readonly SeenGateway[], replicaUid: string): number {
  return gateways.reduce((sum, { status }) => sum + (status?.inFlight[replicaUid] ?? 0), 0)
}

/** What the gateways say of one endpoint: BLOCKED where something else holds its port (invariant 16). Null: nobody says. */
export function endpointSighting(
  gateways: readonly SeenGateway[],
  endpoint: Endpoint,
): { readonly status: EndpointStatus; readonly reason: string } | null {
  const statuses = gateways.flatMap(({ state, status }) =>
    state === 'answering' && status !== null ? [status] : [],
  )
  for (const { blockedPorts } of statuses) {
    const blocked = blockedPorts.find(({ port }) => port === endpoint.port)
    if (blocked !== undefined) return { status: 'BLOCKED', reason: blocked.reason }
  }
  const isBound =
    statuses.length > 0 && statuses.every(({ boundPorts }) => boundPorts.includes(endpoint.port))
  return isBound ? { status: 'OPEN', reason: '' } : null
}
