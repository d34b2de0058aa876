import { existsSync, readdirSync } from 'node:fs'
import { isDeepStrictEqual } from 'node:util'
import { kinds, type Kind } from '@skykeep/core/statuses'
import { doubleStarts, livingNodes } from '@skykeep/provider-sim/sim-world'
import type { World } from './world.ts'

interface ReplicaRow {
  readonly uid: string
  readonly service_uid: string
  readonly replica_id: number
  readonly version: number
  readonly status: string
  readonly node_id: string | null
  readonly host: string | null
  readonly port: number | null
}

interface EventRow {
  readonly seq: number
  readonly kind: string
  readonly uid: string
  readonly type: string
  readonly from_status: string | null
  readonly to_status: string | null
  readonly payload: string
}

/** What must hold in every world that has come to rest, whatever was asked for and whoever died. @returns what does not. */
export function brokenInvariants(world: World): readonly string[] {
  return [
    ...world.witness.violations,
    ...doubleStarts(world.cloud.world).map((token) => `started twice: ${token}`),
    ...nodesWithoutRows(world),
    ...brokenHistory(world),
    ...brokenRows(world),
    ...brokenRoutes(world),
    ...strayFolders(world),
  ]
}

function replicas(world: World): readonly ReplicaRow[] {
  return world.ground.sideDoor.all<ReplicaRow>('SELECT * FROM replicas ORDER BY service_uid, replica_id')
}

/** No orphan and no double: each living node is that of one living replica, and each living replica has one. */
function nodesWithoutRows(world: World): readonly string[] {
  const rows = replicas(world).filter(({ status }) => status !== 'TERMINATED')
  const nodes = livingNodes(world.cloud.world, world.cloudMs)
  const orphans = nodes.filter(({ nodeId }) => !rows.some(({ node_id }) => node_id === nodeId))
  const gone = rows.filter(
    ({ node_id }) => node_id !== null && !nodes.some(({ nodeId }) => nodeId === node_id),
  )
  return [
    ...orphans.map(({ nodeId, tags }) => `node ${nodeId} of ${tags.uid} belongs to nobody`),
    ...gone.map(
      ({ replica_id, node_id }) => `replica ${replica_id} has a node ${node_id ?? ''} that is not there`,
    ),
  ]
}

/** No lost event: numbers without a gap, and for each row a chain of statuses that ends where the row is. */
function brokenHistory(world: World): readonly string[] {
  const { sideDoor } = world.ground
  const events = sideDoor.all<EventRow>('SELECT * FROM events ORDER BY seq')
  const floor = sideDoor.all<{ floor_seq: number }>('SELECT floor_seq FROM event_sequence')[0]?.floor_seq ?? 0
  const gaps = events.filter(({ seq }, index) => seq !== floor + index + 1).slice(0, 1)
  const broken = gaps.map(({ seq }) => `the log has a gap before ${seq}`)
  const ids = new Map<string, string>()
  const last = new Map<string, string>()
  for (const { kind, uid, type, from_status, to_status, payload } of events) {
    if (type === 'replica.created') {
      const number = `${String(Reflect.get(Object(JSON.parse(payload)), 'replicaId'))}`
      const service = sideDoor.all<{ service_uid: string }>(
        'SELECT service_uid FROM replicas WHERE uid = ?',
        uid,
      )[0]
      const key = `${service?.service_uid ?? 'gone'}/${number}`
      if (service !== undefined && ids.has(key)) broken.push(`replica number ${number} was given twice`)
      ids.set(key, uid)
    }
    if (to_status === null || (type !== 'status.changed' && type !== 'replica.created')) continue
    const key = `${kind} ${uid}`
    const before = last.get(key)
    if (from_status !== null && before !== undefined && before !== from_status) {
      broken.push(`${key}: the log goes from ${before} to ${to_status} by way of ${from_status}`)
    }
    last.set(key, to_status)
  }
  return [...broken, ...kinds.flatMap((kind) => wrongEnds(world, kind, last))]
}

const tables: { readonly [K in Kind]: string } = {
  service: 'SELECT uid, status FROM services',
  replica: 'SELECT uid, status FROM replicas',
  operation: 'SELECT uid, status FROM operations',
  endpoint: 'SELECT service_uid AS uid, status FROM endpoints',
  rollout: 'SELECT uid, status FROM rollouts',
}

function wrongEnds(world: World, kind: Kind, last: ReadonlyMap<string, string>): readonly string[] {
  const rows = world.ground.sideDoor.all<{ uid: string; status: string }>(tables[kind])
  return rows.flatMap(({ uid, status }) => {
    const told = last.get(`${kind} ${uid}`)
    return told === undefined || told === status ? [] : [`${kind} ${uid} is ${status}, the log says ${told}`]
  })
}

/** Nobody holds a row any more, and none was given up. */
function brokenRows(world: World): readonly string[] {
  const owners = world.living.map(({ owner }) => owner)
  const rows = world.ground.sideDoor.all<{
    kind: string
    uid: string
    lease_owner: string | null
    set_aside_reason: string | null
  }>('SELECT * FROM reconciliations WHERE lease_owner IS NOT NULL OR set_aside_reason IS NOT NULL')
  return rows.flatMap(({ kind, uid, lease_owner, set_aside_reason }) => {
    if (set_aside_reason !== null) return [`${kind} ${uid} was set aside: ${set_aside_reason}`]
    return owners.some((owner) => owner === lease_owner)
      ? []
      : [`${kind} ${uid} is still held by ${lease_owner ?? ''}`]
  })
}

/** Every living gateway serves the one table, which names exactly the replicas that can answer, each at its own address. */
function brokenRoutes(world: World): readonly string[] {
  const { table } = world.gatewayGround
  const [stored] = world.ground.sideDoor.all<{ version: number }>('SELECT version FROM route_state')
  const broken: string[] = []
  if (stored !== undefined && stored.version !== table?.version) {
    broken.push(`table ${table?.version ?? 'none'} is on disk, ${stored.version} was decided`)
  }
  for (const gateway of world.gateways.filter(({ mood }) => mood === 'well')) {
    if (!isDeepStrictEqual(gateway.table, table)) broken.push(`${gateway.name} serves another table`)
  }
  const routed = (table?.services ?? []).flatMap((service) =>
    service.replicas.map(({ replicaUid, host, port }) => `${replicaUid} ${host}:${port}`),
  )
  const ready = replicas(world)
    .filter(({ status }) => status === 'READY')
    .map(({ uid, host, port }) => `${uid} ${host}:${port}`)
  const difference = [
    ...routed.filter((each) => !ready.includes(each)).map((each) => `routed and not ready: ${each}`),
    ...ready.filter((each) => !routed.includes(each)).map((each) => `ready and not routed: ${each}`),
  ]
  return [...broken, ...difference, ...strayAddresses(world)]
}

function strayAddresses(world: World): readonly string[] {
  const rows = world.ground.sideDoor.all<{ port: number; status: string }>(
    'SELECT a.port, r.status FROM address_reservations a JOIN replicas r ON r.uid = a.replica_uid',
  )
  return rows
    .filter(({ status }) => status === 'TERMINATED')
    .map(({ port }) => `port ${port} is still reserved for a replica that ended`)
}

/** Version folders and rows name each other; nothing half done lies about. */
function strayFolders(world: World): readonly string[] {
  const { layout, sideDoor } = world.ground
  const rows = new Set(
    sideDoor
      .all<{ service_uid: string; version: number }>('SELECT service_uid, version FROM service_versions')
      .map(({ service_uid, version }) => `${service_uid}/${version}`),
  )
  const folders = readdirSync(layout.versionsDir).flatMap((service) =>
    readdirSync(layout.serviceVersionsDir(service)).map((version) => `${service}/${version}`),
  )
  return [
    ...folders.filter((folder) => !rows.has(folder)).map((folder) => `versions/${folder} has no row`),
    ...[...rows]
      .filter((row) => !existsSync(`${layout.versionsDir}/${row}`))
      .map((row) => `version ${row} has no folder`),
    ...readdirSync(layout.tmpDir).map((name) => `tmp/${name} was left behind`),
  ]
}
