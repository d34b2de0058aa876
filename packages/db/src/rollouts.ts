import { SkykeepError } from '@skykeep/core/errors'
import type { Rollout, RolloutGate } from '@skykeep/core/nouns'
import type { UpdatePolicy } from '@skykeep/core/service-spec'
import { appendEvent, type Because } from './events.ts'
import type { Prisma } from './generated/sqlite/client.ts'
import { checkGuard, checkUpdated, notFound, type Guard } from './guard.ts'
import type { Db, Tx } from './handles.ts'
import { fromMs, toMs, toMsOrNull } from './milliseconds.ts'
import { wake } from './reconciliations.ts'

export type NewRollout = Pick<
  Rollout,
  | 'uid'
  | 'serviceUid'
  | 'serviceName'
  | 'operationUid'
  | 'fromVersion'
  | 'toVersion'
  | 'mode'
  | 'settings'
  | 'createdBy'
>

/** Stores a rollout in its first status, with its event. */
export async function insertRollout(tx: Tx, rollout: NewRollout): Promise<Rollout> {
  const row = await tx.client.rollout.create({
    data: {
      ...rollout,
      // Settings are JSON by their type; Prisma only asks for an index signature.
      settings: rollout.settings as unknown as Prisma.InputJsonObject,
      settingsVersion: 1,
      createdAtMs: fromMs(tx.clock.now()),
    },
  })
  await appendEvent(tx, {
    kind: 'rollout',
    uid: row.uid,
    serviceName: row.serviceName,
    type: 'status.changed',
    to: row.status,
    reason: 'CREATED',
    message: `version ${row.fromVersion} to ${row.toVersion}, ${row.mode}`,
    payload: { fromVersion: row.fromVersion, toVersion: row.toVersion, mode: row.mode },
    cause: row.operationUid,
    actor: row.createdBy,
  })
  return toRollout(row)
}

/** The rollout that is under way, or null. Of one service there is never more than one. */
export async function findRunningRollout(db: Db, serviceUid: string): Promise<Rollout | null> {
  const row = await db.client.rollout.findFirst({
    where: { serviceUid, status: { in: ['PROGRESSING', 'ROLLING_BACK'] } },
    orderBy: [{ createdAtMs: 'desc' }, { uid: 'desc' }],
  })
  return row && toRollout(row)
}

/** The rollout that an operation asked for, or null. */
export async function findRolloutOf(db: Db, operationUid: string): Promise<Rollout | null> {
  const row = await db.client.rollout.findFirst({ where: { operationUid } })
  return row && toRollout(row)
}

/** Every rollout that is under way. */
export async function listRunningRollouts(db: Db): Promise<Rollout[]> {
  const rows = await db.client.rollout.findMany({
    where: { status: { in: ['PROGRESSING', 'ROLLING_BACK'] } },
    orderBy: [{ createdAtMs: 'asc' }, { uid: 'asc' }],
  })
  return rows.map(toRollout)
}

/** Newest first. @param limit 1 to 100; default 20. */
export async function listRollouts(db: Db, serviceUid: string, limit = 20): Promise<Rollout[]> {
  const rows = await db.client.rollout.findMany({
    where: { serviceUid },
    orderBy: [{ createdAtMs: 'desc' }, { uid: 'desc' }],
    take: Math.min(Math.max(Math.trunc(limit), 1), 100),
  })
  return rows.map(toRollout)
}

/** @throws NOT_FOUND */
export async function getRollout(db: Db, uid: string): Promise<Rollout> {
  const row = await db.client.rollout.findUnique({ where: { uid } })
  if (row === null) throw notFound(`rollout ${uid}`)
  return toRollout(row)
}

export interface RolloutObservation {
  readonly step?: number
  readonly stepMs?: number
  readonly stalledMs?: number
  readonly readyPeak?: number
  readonly gate?: RolloutGate
}

/** Writes how far it is. @throws STALE_LEASE, NOT_FOUND. */
export async function updateRollout(
  tx: Tx,
  uid: string,
  { gate, ...seen }: RolloutObservation,
  guard: Guard = {},
): Promise<void> {
  const guarded = await checkGuard(tx, guard)
  const { count } = await tx.client.rollout.updateMany({
    where: { uid, ...guarded },
    data: {
      ...seen,
      // A gate is JSON by its type; Prisma only asks for an index signature.
      ...(gate === undefined ? {} : { gate: gate as unknown as Prisma.InputJsonObject, gateVersion: 1 }),
      rowVersion: { increment: 1 },
    },
  })
  checkUpdated(count, `rollout ${uid}`, guard)
}

/** A person holds a rollout where it is, or lets it go on; wakes its service. Actions only. @throws NOT_FOUND. */
export async function setRolloutPaused(
  tx: Tx,
  uid: string,
  { isPaused, ...because }: Because & { readonly isPaused: boolean },
): Promise<void> {
  const { count } = await tx.client.rollout.updateMany({
    where: { uid },
    data: { isPaused, rowVersion: { increment: 1 } },
  })
  checkUpdated(count, `rollout ${uid}`, {})
  const { serviceUid, serviceName, toVersion } = await getRollout(tx, uid)
  await wake(tx, serviceUid)
  await appendEvent(tx, {
    kind: 'rollout',
    uid,
    serviceName,
    type: 'rollout.progress',
    reason: isPaused ? 'HELD' : 'RELEASED',
    message: `the rollout of version ${toVersion} ${isPaused ? 'is held where it is' : 'goes on'}`,
    ...because,
  })
}

/** A person wants the way back; wakes its service, once `setServiceDesired` told why. Actions only. @throws NOT_FOUND. */
export async function setRolloutCancelled(tx: Tx, uid: string): Promise<void> {
  const { count } = await tx.client.rollout.updateMany({
    where: { uid },
    data: { isCancelled: true, rowVersion: { increment: 1 } },
  })
  checkUpdated(count, `rollout ${uid}`, {})
  const { serviceUid } = await getRollout(tx, uid)
  await wake(tx, serviceUid)
}

function toRollout(row: Prisma.RolloutGetPayload<object>): Rollout {
  const { settingsVersion, gateVersion: _gateVersion, settings, gate, ...rest } = row
  if (settingsVersion !== 1) {
    throw new SkykeepError(
      'UNSUPPORTED',
      `rollout ${row.uid} has format ${settingsVersion}, this program reads 1`,
    )
  }
  return {
    ...rest,
    // Format 1 is written by this file only, from these very types.
    settings: settings as unknown as UpdatePolicy,
    gate: gate as unknown as RolloutGate | null,
    createdAtMs: toMs(row.createdAtMs),
    finishedAtMs: toMsOrNull(row.finishedAtMs),
  }
}
