import type { EndpointStatus, OperationStatus, RolloutStatus, ServiceStatus } from '@skykeep/core/statuses'
import { livingNodes } from '@skykeep/provider-sim/sim-world'
import type { World } from './world.ts'

export interface Serving {
  readonly name?: string
  readonly replicas: number
  /** `ready=` in the text of the processes that run. */
  readonly ready?: number
  /** Version of their rows. */
  readonly version?: number
  readonly status?: ServiceStatus
  readonly endpoint?: EndpointStatus
  /** Every operation has come to its end, each like this. */
  readonly operations?: OperationStatus
  readonly rollout?: RolloutStatus
}

interface ServiceRow {
  readonly uid: string
  readonly status: string
  readonly status_reason: string
}

/** What of it is not so. */
export function missingOf(world: World, wanted: Serving): readonly string[] {
  const { sideDoor } = world.ground
  const name = wanted.name ?? 'hello'
  const [service] = sideDoor.all<ServiceRow>(
    'SELECT * FROM services WHERE name = ? ORDER BY created_at_ms DESC',
    name,
  )
  if (service === undefined) return [`there is no service ${name}`]
  const {
    status = wanted.replicas > 0 ? 'READY' : 'NO_REPLICA',
    endpoint = 'OPEN',
    operations = 'SUCCEEDED',
  } = wanted
  const missing: string[] = []
  if (service.status !== status)
    missing.push(`the service is ${service.status} (${service.status_reason}), not ${status}`)
  const rows = sideDoor.all<{ replica_id: number; status: string; version: number; uid: string }>(
    `SELECT * FROM replicas WHERE service_uid = ? AND status <> 'TERMINATED'`,
    service.uid,
  )
  const ready = rows.filter((row) => row.status === 'READY')
  if (ready.length !== wanted.replicas || rows.length !== ready.length) {
    const list = rows.map((row) => `${row.replica_id}: ${row.status}`).join(', ')
    missing.push(`${wanted.replicas} replicas are wanted, there are ${list || 'none'}`)
  }
  const { version } = wanted
  if (version !== undefined && rows.some((row) => row.version !== version)) {
    missing.push(`replicas are of versions ${rows.map((row) => row.version).join(', ')}, not ${version}`)
  }
  return [
    ...missing,
    ...wrongText(world, rows, wanted),
    ...wrongEnds(world, service.uid, { endpoint, operations, rollout: wanted.rollout }),
  ]
}

/** What runs must be what was asked for, whatever the rows say. */
function wrongText(
  world: World,
  rows: readonly { readonly uid: string }[],
  { ready }: Serving,
): readonly string[] {
  if (ready === undefined) return []
  const nodes = livingNodes(world.cloud.world, world.cloudMs)
  const jobs = nodes
    .filter(({ tags }) => rows.some(({ uid }) => uid === tags.uid))
    .flatMap(({ jobs }) => Object.values(jobs))
  const texts = jobs.map(({ script }) => script.readyMs)
  return texts.every((text) => text === ready)
    ? []
    : [`processes of ${texts.join(', ')} run, not of ${ready}`]
}

interface Ends {
  readonly endpoint: EndpointStatus
  readonly operations: OperationStatus
  readonly rollout: RolloutStatus | undefined
}

function wrongEnds(world: World, serviceUid: string, ends: Ends): readonly string[] {
  const { sideDoor } = world.ground
  const operations = sideDoor.all<{ verb: string; status: string; status_reason: string }>(
    'SELECT * FROM operations WHERE target_uid = ? AND status <> ?',
    serviceUid,
    ends.operations,
  )
  const [endpoint] = sideDoor.all<{ status: string }>(
    'SELECT status FROM endpoints WHERE service_uid = ?',
    serviceUid,
  )
  const [rollout] = sideDoor.all<{ status: string; status_reason: string }>(
    'SELECT * FROM rollouts WHERE service_uid = ? ORDER BY created_at_ms DESC, uid DESC LIMIT 1',
    serviceUid,
  )
  return [
    ...operations.map(({ verb, status, status_reason }) => `${verb} is ${status} (${status_reason})`),
    ...(endpoint?.status === ends.endpoint ? [] : [`the endpoint is ${endpoint?.status ?? 'not there'}`]),
    ...(ends.rollout === undefined || rollout?.status === ends.rollout
      ? []
      : [
          `the rollout is ${rollout?.status ?? 'not there'} (${rollout?.status_reason ?? ''}), not ${ends.rollout}`,
        ]),
  ]
}
