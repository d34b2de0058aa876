import type { Drill, DrillResult, DrillTarget } from '@skykeep/core/nouns'
import { appendEvent } from './events.ts'
import { Prisma } from './generated/sqlite/client.ts'
import { checkUpdated, notFound } from './guard.ts'
import type { Db, Tx } from './handles.ts'
import { fromMs, toMs, toMsOrNull } from './milliseconds.ts'

export type NewDrill = Pick<Drill, 'uid' | 'serviceUid' | 'serviceName' | 'target' | 'repeats' | 'startedBy'>

export async function insertDrill(tx: Tx, drill: NewDrill): Promise<Drill> {
  return toDrill(await tx.client.drill.create({ data: { ...drill, startedAtMs: fromMs(tx.clock.now()) } }))
}

export interface DrillEnd {
  readonly status: 'SUCCEEDED' | 'FAILED'
  readonly statusReason: string
  readonly result: DrillResult | null
}

/** Ends a running drill, with its event; one that has ended stays as it is. @throws NOT_FOUND */
export async function finishDrill(tx: Tx, uid: string, { result, ...end }: DrillEnd): Promise<Drill> {
  const before = await getDrill(tx, uid)
  if (before.status !== 'RUNNING') return before
  const { count } = await tx.client.drill.updateMany({
    where: { uid },
    data: {
      ...end,
      finishedAtMs: fromMs(tx.clock.now()),
      // A result is JSON by its type; Prisma only asks for an index signature.
      result: result === null ? Prisma.DbNull : (result as unknown as Prisma.InputJsonObject),
    },
  })
  checkUpdated(count, `drill ${uid}`, {})
  await appendEvent(tx, {
    kind: 'service',
    uid: before.serviceUid,
    serviceName: before.serviceName,
    type: 'drill.finished',
    reason: end.status,
    message: end.statusReason,
    payload: { drillUid: uid, target: before.target, repeats: before.repeats },
    actor: before.startedBy,
  })
  return await getDrill(tx, uid)
}

/** @throws NOT_FOUND */
export async function getDrill(db: Db, uid: string): Promise<Drill> {
  const row = await db.client.drill.findUnique({ where: { uid } })
  if (row === null) throw notFound(`drill ${uid}`)
  return toDrill(row)
}

/** Newest first. @param limit 1 to 100; default 20. */
export async function listDrills(db: Db, serviceUid: string, limit = 20): Promise<Drill[]> {
  const rows = await db.client.drill.findMany({
    where: { serviceUid },
    orderBy: [{ startedAtMs: 'desc' }, { uid: 'desc' }],
    take: Math.min(Math.max(Math.trunc(limit), 1), 100),
  })
  return rows.map(toDrill)
}

function toDrill({
  result,
  resultVersion: _resultVersion,
  target,
  ...row
}: Prisma.DrillGetPayload<object>): Drill {
  return {
    ...row,
    // Both are written by this file only, from these very types.
    target: target as DrillTarget,
    result: result as unknown as DrillResult | null,
    startedAtMs: toMs(row.startedAtMs),
    finishedAtMs: toMsOrNull(row.finishedAtMs),
  }
}
