import { retryOperation } from '@skykeep/actions/operations/retry-operation'
import { reviveService } from '@skykeep/actions/services/revive-service'
import { bringRowBack } from '@skykeep/actions/system/bring-row-back'
import { maxUnfinishedClaims } from '@skykeep/db/leases'
import type { Task } from '@skykeep/testing/simulation/task'
import { Broken, finish } from './drive.ts'
import { askTask } from './web.ts'
import type { World } from './world.ts'

interface SetAside {
  readonly uid: string
  readonly kind: string
  readonly service_uid: string
  readonly name: string
}

/** Rows that were given up, because that many workers died while they held them. */
export function setAside(world: World): readonly SetAside[] {
  return world.ground.sideDoor.all<SetAside>(
    `SELECT r.uid, r.kind, s.uid AS service_uid, s.name FROM reconciliations r JOIN services s ON s.uid = coalesce(
       (SELECT service_uid FROM replicas WHERE uid = r.uid), (SELECT target_uid FROM operations WHERE uid = r.uid), r.uid)
     WHERE r.set_aside_reason IS NOT NULL`,
  )
}

/** A person reads that a row was set aside and has all of its service tried again, as the message says. @throws Broken when too few workers died for that. */
export async function bringBackSetAside(world: World): Promise<void> {
  const [row] = setAside(world)
  if (row === undefined) return
  const { kind, service_uid: serviceUid, name } = row
  const { deaths } = world
  if (deaths < maxUnfinishedClaims)
    throw new Broken(`a ${kind} of ${name} was set aside after ${deaths} deaths`)
  const [open] = world.ground.sideDoor.all<{ uid: string }>(
    `SELECT uid FROM operations WHERE target_uid = ? AND status IN ('PENDING', 'RUNNING') LIMIT 1`,
    serviceUid,
  )
  await finish(taskOf(world, row, open?.uid))
}

/** What helps: the row alone where it is of a request that has ended, the request that is open tried again, or the service brought up again. */
function taskOf(world: World, { uid, kind, name }: SetAside, openUid: string | undefined): Task {
  if (kind === 'operation' && uid !== openUid)
    return askTask(world, 'bring back', (context) => bringRowBack(context, { uid }))
  return openUid === undefined
    ? askTask(world, 'up again', (context) => reviveService(context, { name }))
    : askTask(world, 'retry', (context) => retryOperation(context, { uid: openUid }))
}
