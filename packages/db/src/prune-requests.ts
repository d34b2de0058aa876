import { fromMs } from './milliseconds.ts'
import type { Db, Tx } from './handles.ts'
import { pruneBatch, type ServiceSurplus } from './prune-history.ts'

/** The next service, by uid, that has unfinished requests; null: none beyond. A look for each, however many rows it has. */
export async function nextUnfinishedService(
  db: Db,
  afterUid: string,
): Promise<{ readonly serviceUid: string; readonly oldestMs: number } | null> {
  const row = await db.client.unfinishedRequest.findFirst({
    where: { serviceUid: { gt: afterUid } },
    orderBy: [{ serviceUid: 'asc' }, { reportedAtMs: 'asc' }],
    select: { serviceUid: true, reportedAtMs: true },
  })
  return row && { serviceUid: row.serviceUid, oldestMs: Number(row.reportedAtMs) }
}

/** Unfinished requests of one service that may go: beyond the newest `keep`, or reported before a wall time; at most 500. */
export async function surplusUnfinished(
  db: Db,
  { serviceUid, keep, beforeMs }: ServiceSurplus & { readonly beforeMs: number | null },
): Promise<UnfinishedKey[]> {
  const select = { epoch: true, id: true } as const
  const beyond = await db.client.unfinishedRequest.findMany({
    where: { serviceUid },
    orderBy: [{ reportedAtMs: 'desc' }, { epoch: 'desc' }, { id: 'desc' }],
    skip: keep,
    take: pruneBatch,
    select,
  })
  if (beyond.length > 0 || beforeMs === null) return beyond
  return await db.client.unfinishedRequest.findMany({
    where: { serviceUid, reportedAtMs: { lt: fromMs(beforeMs) } },
    orderBy: { reportedAtMs: 'asc' },
    take: pruneBatch,
    select,
  })
}

export interface UnfinishedKey {
  readonly epoch: string
  readonly id: string
}

/** @returns how many went. */
export async function deleteUnfinished(tx: Tx, keys: readonly UnfinishedKey[]): Promise<number> {
  const ids = Map.groupBy(keys.slice(0, pruneBatch), ({ epoch }) => epoch)
  let gone = 0
  for (const [epoch, of] of ids) {
    const where = { epoch, id: { in: of.map(({ id }) => id) } }
    gone += (await tx.client.unfinishedRequest.deleteMany({ where })).count
  }
  return gone
}

/** The next service, by uid, that has counts, and its oldest second; null: none beyond. */
export async function nextCountedService(
  db: Db,
  afterUid: string,
): Promise<{ readonly serviceUid: string; readonly oldestSecond: number } | null> {
  const row = await db.client.requestCount.findFirst({
    where: { serviceUid: { gt: afterUid } },
    orderBy: [{ serviceUid: 'asc' }, { second: 'asc' }],
    select: { serviceUid: true, second: true },
  })
  return row && { serviceUid: row.serviceUid, oldestSecond: row.second }
}

/**
 * The second up to which counts of a service may go: below `beforeSecond`, and about 500 rows at most (those of one second go together).
 * Null: none.
 */
export async function prunableSecond(
  db: Db,
  serviceUid: string,
  beforeSecond: number,
): Promise<number | null> {
  const rows = await db.client.requestCount.findMany({
    where: { serviceUid, second: { lt: beforeSecond } },
    orderBy: { second: 'asc' },
    take: pruneBatch,
    select: { second: true },
  })
  return rows.at(-1)?.second ?? null
}

/** @returns how many went. */
export async function deleteCounts(tx: Tx, serviceUid: string, throughSecond: number): Promise<number> {
  const where = { serviceUid, second: { lte: throughSecond } }
  return (await tx.client.requestCount.deleteMany({ where })).count
}
