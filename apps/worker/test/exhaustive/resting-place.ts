import { livingNodes } from '@skykeep/provider-sim/sim-world'
import type { World } from './world.ts'

interface ServiceRow {
  readonly uid: string
  readonly name: string
  readonly status: string
  readonly deletion_requested_at_ms: number | null
  readonly is_paused: number
  readonly desired_replicas: number
  readonly desired_version: number
  readonly target_version: number
  readonly target_replicas: number
}

/** What is not yet as the rows say that people want it; empty: nothing is left to do. For services with a fixed number of replicas. */
export function unrest(world: World): readonly string[] {
  const { sideDoor } = world.ground
  const services = sideDoor.rows<ServiceRow>('services').filter(({ status }) => status !== 'TERMINATED')
  const operations = sideDoor
    .rows<{ verb: string; status: string; phase: string }>('operations')
    .filter(({ status }) => status === 'PENDING' || status === 'RUNNING')
  const rollouts = sideDoor
    .rows<{ status: string }>('rollouts')
    .filter(({ status }) => status === 'PROGRESSING' || status === 'ROLLING_BACK')
  return [
    ...services.flatMap((service) => unrestOf(world, service)),
    ...operations.map(({ verb, status, phase }) => `${verb} is ${status}: ${phase}`),
    ...rollouts.map(({ status }) => `a rollout is ${status}`),
    ...routeUnrest(world),
    ...cloudUnrest(world),
    ...leaseUnrest(world),
  ]
}

function unrestOf(world: World, service: ServiceRow): readonly string[] {
  const { name, status } = service
  if (service.deletion_requested_at_ms !== null) return [`${name} is ${status}, to be gone`]
  const rows = world.ground.sideDoor
    .rows<{ service_uid: string; replica_id: number; status: string }>('replicas')
    .filter((row) => row.service_uid === service.uid && row.status !== 'TERMINATED')
  const isRolledBack = service.target_version !== service.desired_version
  const wanted =
    service.is_paused === 1 ? 0 : isRolledBack ? service.target_replicas : service.desired_replicas
  const isThere = rows.length === wanted && rows.every((row) => row.status === 'READY')
  const wantedStatus = service.is_paused === 1 ? 'PAUSED' : wanted === 0 ? 'NO_REPLICA' : 'READY'
  const list = rows.map((row) => `${row.replica_id}: ${row.status}`).join(', ')
  return [
    ...(isThere ? [] : [`${name} has ${list || 'none'}, wanted ${wanted} READY`]),
    ...(status === wantedStatus ? [] : [`${name} is ${status}, not ${wantedStatus}`]),
  ]
}

function routeUnrest(world: World): readonly string[] {
  const [stored] = world.ground.sideDoor.rows<{ version: number }>('route_state')
  const disk = world.gatewayGround.table
  if ((stored?.version ?? 0) !== (disk?.version ?? 0)) return ['the newest table is not on disk']
  return world.gateways
    .filter(({ table }) => table?.version !== disk?.version)
    .map(({ name }) => `${name} is behind`)
}

/** What happened to nodes and processes and was not noticed yet. */
function cloudUnrest(world: World): readonly string[] {
  const rows = world.ground.sideDoor
    .rows<{ replica_id: number; uid: string; status: string }>('replicas')
    .filter(({ status }) => status !== 'TERMINATED')
  const nodes = livingNodes(world.cloud.world, world.cloudMs)
  const running = world.cloud.runtime.runningJobs()
  return [
    ...nodes
      .filter(({ tags }) => !rows.some(({ uid }) => uid === tags.uid))
      .map(({ nodeId }) => `${nodeId} still lives`),
    ...rows
      .filter(({ uid }) => !running.some(({ job }) => job.uid === uid))
      .map(({ replica_id }) => `replica ${replica_id} does not run`),
  ]
}

/** Rows that a dead worker still holds. */
function leaseUnrest(world: World): readonly string[] {
  const dead = world.ground.sideDoor
    .rows<{ kind: string; lease_owner: string | null }>('reconciliations')
    .filter(
      ({ lease_owner }) => lease_owner !== null && !world.living.some(({ owner }) => owner === lease_owner),
    )
  return dead.map(({ kind }) => `a dead worker holds a ${kind}`)
}
