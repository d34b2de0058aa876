import type { RouteTable } from '@skykeep/core/routes'
import { haveAllApplied, type SeenGateway } from './gateway-view.ts'
import type { LoadView } from './load-view.ts'

/** What controllers may ask about routing: always of the table that is on disk, never of one that is only decided. */
export interface RouteView extends LoadView {
  /** Every living gateway applied a table without the service. */
  isServiceUnrouted(serviceUid: string): boolean
  /** Every living gateway applied a table that sends nothing new to the replica. */
  isReplicaUnrouted(replicaUid: string): boolean
  inFlightTo(replicaUid: string): number
  /** Replicas of the service that get new requests from every living gateway. */
  routedReplicas(serviceUid: string): number
  /** Responses below 500 that the gateways counted for the service over the last seconds. */
  recentSuccesses(serviceUid: string): number
  /** First table that does not name the replica. */
  tableWithout(replicaUid: string): number
  /** Decide and publish soon. */
  wake(): void
}

/** Pure part of the view. `table`: the one on disk, null before the first. */
export function isServiceUnrouted(
  table: RouteTable | null,
  gateways: readonly SeenGateway[],
  serviceUid: string,
): boolean {
  if (table === null || table.services.some((service) => service.serviceUid === serviceUid)) return false
  return haveAllApplied(gateways, table.version)
}

export function isReplicaUnrouted(
  table: RouteTable | null,
  gateways: readonly SeenGateway[],
  replicaUid: string,
): boolean {
  if (table === null) return false
  const route = table.services
    .flatMap(({ replicas }) => replicas)
    .find((each) => each.replicaUid === replicaUid)
  // One that drains stands in every table that was read after it began to; an older table proves nothing.
  return route?.isDraining === true && haveAllApplied(gateways, table.version)
}

export function routedReplicas(
  table: RouteTable | null,
  gateways: readonly SeenGateway[],
  serviceUid: string,
): number {
  if (table === null || gateways.length === 0 || !haveAllApplied(gateways, table.version)) return 0
  const route = table.services.find((service) => service.serviceUid === serviceUid)
  return route?.replicas.filter(({ isDraining }) => !isDraining).length ?? 0
}

export function tableWithout(table: RouteTable | null, replicaUid: string): number {
  if (table === null) return 0
  const isNamed = table.services.some(({ replicas }) =>
    replicas.some((each) => each.replicaUid === replicaUid),
  )
  return isNamed ? table.version + 1 : table.version
}
