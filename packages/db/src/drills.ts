import { deathTexts } from '@skykeep/core/drill-figures'
import type { EventType } from '@skykeep/core/events'
import type { Drill, DrillResult, DrillTarget } from '@skykeep/core/nouns'
import { appendEvent } from './events.ts'
import { Prisma } from './generated/sqlite/client.ts'
import { checkUpdated, notFound } from './guard.ts'
import type { Db, Tx } from './handles.ts'
import { fromMs, toMs, toMsOrNull } from './milliseconds.ts'

export type NewDrill = Pick<
  Drill,
  'uid' | 'serviceUid' | 'serviceName' | 'target' | 'repeats' | 'startedBy' | 'expiresAtMs'
>

/** Stores a running drill, with its event. */
export async function insertDrill(tx: Tx, { expiresAtMs, ...drill }: NewDrill): Promise<Drill> {
  const row = await tx.client.drill.create({
    data: { ...drill, startedAtMs: fromMs(tx.clock.now()), expiresAtMs: fromMs(expiresAtMs) },
  })
  const inserted = toDrill(row)
  await appendDrillEvent(tx, inserted, 'drill.started', {
    reason: 'STARTED',
    message: `a recovery drill began: ${timesText(drill.repeats)} the death of ${deathTexts[drill.target]}`,
  })
  return inserted
}

export interface DrillProgress {
  /** Where it is, as a sentence. */
  readonly phase: string
  readonly result: DrillResult | null
  readonly expiresAtMs: number
}

/** Writes how far a running drill is, with an event where the phase is another; one that has ended stays as it is. @throws NOT_FOUND */
export async function reportDrill(tx: Tx, uid: string, progress: DrillProgress): Promise<Drill> {
  const before = await getDrill(tx, uid)
  if (before.status !== 'RUNNING') return before
  const { phase, result, expiresAtMs } = progress
  const { count } = await tx.client.drill.updateMany({
    where: { uid },
    data: { statusReason: phase, result: toJson(result), expiresAtMs: fromMs(expiresAtMs) },
  })
  checkUpdated(count, `drill ${uid}`, {})
  if (phase !== before.statusReason) {
    await appendDrillEvent(tx, before, 'drill.progress', { reason: 'PROGRESS', message: phase })
  }
  return { ...before, statusReason: phase, result, expiresAtMs }
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
    data: { ...end, finishedAtMs: fromMs(tx.clock.now()), result: toJson(result) },
  })
  checkUpdated(count, `drill ${uid}`, {})
  await appendDrillEvent(tx, before, 'drill.finished', { reason: end.status, message: end.statusReason })
  return await getDrill(tx, uid)
}

/** A drill of any service that runs now and whose process lives, or null. */
export async function findRunningDrill(db: Db, nowMs: number): Promise<Drill | null> {
  const row = await db.client.drill.findFirst({
    where: { status: 'RUNNING', expiresAtMs: { gte: fromMs(nowMs) } },
    orderBy: [{ startedAtMs: 'desc' }, { uid: 'desc' }],
  })
  return row && toDrill(row)
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

/** The last drill of each living service of a workspace that had one, newest first, at most 50. */
export async function latestDrills({ client }: Db, workspace: string): Promise<Drill[]> {
  const groups = await client.drill.groupBy({
    by: ['serviceUid'],
    where: { service: { workspace, livingName: { not: null } } },
    _max: { startedAtMs: true },
    orderBy: { _max: { startedAtMs: 'desc' } },
    take: servicesMax,
  })
  const rows = await client.drill.findMany({
    where: {
      OR: groups.flatMap(({ serviceUid, _max: { startedAtMs } }) =>
        startedAtMs === null ? [] : [{ serviceUid, startedAtMs }],
      ),
    },
    orderBy: [{ startedAtMs: 'desc' }, { uid: 'desc' }],
  })
  // Of two that began in one millisecond the first in order.
  const first = rows.filter(
    (row, index) => rows.findIndex(({ serviceUid }) => serviceUid === row.serviceUid) === index,
  )
  return first.map(toDrill)
}

const servicesMax = 50

/** How many living services of a workspace never had a drill. */
export async function countUndrilled({ client }: Db, workspace: string): Promise<number> {
  return await client.service.count({ where: { workspace, livingName: { not: null }, drills: { none: {} } } })
}

function timesText(repeats: number): string {
  return repeats === 1 ? 'once' : `${repeats} times`
}

async function appendDrillEvent(
  tx: Tx,
  { uid, serviceUid, serviceName, target, repeats, startedBy }: Drill,
  type: EventType,
  why: { readonly reason: string; readonly message: string },
): Promise<void> {
  await appendEvent(tx, {
    kind: 'service',
    uid: serviceUid,
    serviceName,
    type,
    payload: { drillUid: uid, target, repeats },
    actor: startedBy,
    ...why,
  })
}

// A result is JSON by its type; Prisma only asks for an index signature.
function toJson(result: DrillResult | null): Prisma.InputJsonObject | typeof Prisma.DbNull {
  return result === null ? Prisma.DbNull : (result as unknown as Prisma.InputJsonObject)
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
    expiresAtMs: toMs(row.expiresAtMs),
  }
}
