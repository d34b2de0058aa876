import type { Endpoint, Replica, Service } from '@skykeep/core/nouns'
import type { RouteTable } from '@skykeep/core/routes'
import { freeAddresses, listAddresses } from '@skykeep/db/address-reservations'
import { listEndpoints } from '@skykeep/db/endpoints'
import type { Database } from '@skykeep/db/handles'
import { listReplicas, updateReplica } from '@skykeep/db/replicas'
import { loadRouteTable, saveRoutes } from '@skykeep/db/route-state'
import { listRunningRollouts } from '@skykeep/db/rollouts'
import { listKeyRoutes } from '@skykeep/db/service-keys'
import { listRevocationRoutes } from '@skykeep/db/token-revocations'
import { listServices } from '@skykeep/db/services'
import { transition } from '@skykeep/db/transition'
import type { Page } from '@skykeep/core/views'
import { isDeepStrictEqual } from 'node:util'
import { wakeService, write, type ControllerContext } from '../context.ts'
import type { VersionCache } from '../services/versions.ts'
import { buildRoutes, type RoutedService } from './build-routes.ts'
import { endpointSighting, type SeenGateway } from './gateway-view.ts'

/** Reads all pages of a list. */
async function readAll<T>(read: (cursor: string | undefined) => Promise<Page<T>>): Promise<readonly T[]> {
  const items: T[] = []
  let cursor: string | undefined
  do {
    const page = await read(cursor)
    items.push(...page.items)
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  return items
}

export interface Situation {
  readonly routed: readonly RoutedService[]
  readonly endpoints: readonly Endpoint[]
}

/** Reads what routes are made of. Versions never change, so `versions` keeps them. */
export async function readSituation(
  database: Database,
  versions: VersionCache,
  versionDirOf: (serviceUid: string, version: number) => string,
): Promise<Situation> {
  const paged = (cursor: string | undefined) => ({ limit: 500, ...(cursor === undefined ? {} : { cursor }) })
  const services: readonly Service[] = await readAll((cursor) => listServices(database, paged(cursor)))
  const replicas: readonly Replica[] = await readAll((cursor) => listReplicas(database, paged(cursor)))
  const endpoints = await listEndpoints(database)
  versions.keepOnly(new Set(services.map(({ uid }) => uid)))
  const rollouts = await listRunningRollouts(database)
  const keysOf = await listKeyRoutes(database)
  const revocationsOf = await listRevocationRoutes(database)
  const replicasOf = Map.groupBy(replicas, ({ serviceUid }) => serviceUid)
  const endpointOf = new Map(endpoints.map((endpoint) => [endpoint.serviceUid, endpoint]))
  const rolloutOf = new Map(rollouts.map((rollout) => [rollout.serviceUid, rollout]))
  const routed: RoutedService[] = []
  for (const service of services) {
    const endpoint = endpointOf.get(service.uid)
    if (endpoint === undefined) continue
    const mine = replicasOf.get(service.uid) ?? []
    const rollout = rolloutOf.get(service.uid) ?? null
    const { spec } = await versions.get(service.uid, service.targetVersion)
    const named = rollout === null ? [] : [rollout.fromVersion, rollout.toVersion]
    routed.push({
      service,
      endpoint,
      spec,
      replicas: mine,
      rollout,
      taskVersions: await versions.taskVersions(service.uid, [
        ...named,
        ...mine.map(({ version }) => version),
      ]),
      versionDir: versionDirOf(service.uid, service.targetVersion),
      keys: keysOf.get(service.uid) ?? [],
      revocations: revocationsOf.get(service.uid) ?? [],
      nowMs: database.clock.now(),
    })
  }
  return { routed, endpoints }
}

/** Decides the table; a new version is committed before anybody hears of it. @param zone where the gateway runs; '' where nobody said. */
export async function decideTable(
  context: ControllerContext,
  { routed }: Situation,
  zone: string,
): Promise<RouteTable> {
  const routes = buildRoutes(routed, zone)
  const current = await loadRouteTable(context.database)
  if (
    current !== null &&
    current.installationId === context.installationId &&
    isDeepStrictEqual(current.services, routes)
  ) {
    return current
  }
  return write(context, async (tx) => {
    const table = await saveRoutes(tx, routes)
    const leaving = routed.flatMap(({ replicas }) => replicas.filter(isNewlyUnrouted))
    for (const { uid } of leaving) await updateReplica(tx, uid, { unroutedAtTable: table.version })
    return table
  })
}

function isNewlyUnrouted({ status, unroutedAtTable }: Replica): boolean {
  return status === 'DRAINING' && unroutedAtTable === null
}

/** Whether the gateways say of an endpoint something else than is written down. */
export function isNewsOf(endpoint: Endpoint, gateways: readonly SeenGateway[]): boolean {
  const sighting = endpointSighting(gateways, endpoint)
  return sighting !== null && sighting.status !== endpoint.status
}

/** Writes down what the gateways say of each endpoint (invariant 16). */
export async function noteEndpoints(
  context: ControllerContext,
  endpoints: readonly Endpoint[],
  gateways: readonly SeenGateway[],
): Promise<void> {
  for (const endpoint of endpoints) {
    const sighting = endpointSighting(gateways, endpoint)
    if (sighting === null || sighting.status === endpoint.status) continue
    const isBlocked = sighting.status === 'BLOCKED'
    await write(context, async (tx) => {
      await transition(tx, {
        kind: 'endpoint',
        uid: endpoint.serviceUid,
        to: sighting.status,
        reason: isBlocked ? 'ENDPOINT_BLOCKED' : 'PORT_BOUND',
        message: isBlocked ? blockedMessage(endpoint.port, sighting.reason) : `port ${endpoint.port} is open`,
      })
      await wakeService(tx, endpoint.serviceUid)
    })
  }
}

function blockedMessage(port: number, reason: string): string {
  const what =
    reason === 'EADDRINUSE' ? `another program holds port ${port}` : `port ${port} cannot be opened`
  return `${what} (${reason}); it is tried again every second`
}

/** Gives addresses back that no living gateway can know any more (invariant 9). */
export async function freeOldAddresses(context: ControllerContext, ackedVersion: number): Promise<void> {
  const released = (await listAddresses(context.database)).filter(
    ({ releasedAtTable }) => releasedAtTable !== null && releasedAtTable <= ackedVersion,
  )
  if (released.length > 0) await write(context, (tx) => freeAddresses(tx, ackedVersion))
}
