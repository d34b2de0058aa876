import { fromMs } from './milliseconds.ts'
import type { Db, Tx } from './handles.ts'

/** Services whose history one look finds at most. */
const servicesAtOnce = 10

/**
 * Services that ended before a wall time, lie beyond the newest `keep` that ended, and still have a version: their history may go. The row
 * itself stays for ever, since the tombstone of its port hangs on it (invariant 16).
 */
export async function prunableServices(
  db: Db,
  {
    keep,
    beforeMs,
    skip,
  }: {
    readonly keep: number
    readonly beforeMs: number
    /** So many of the oldest are passed over. */
    readonly skip: number
  },
): Promise<string[]> {
  const ended = { status: 'TERMINATED' as const, livingName: null }
  const [newest] = await db.client.service.findMany({
    where: ended,
    orderBy: [{ createdAtMs: 'desc' }, { uid: 'desc' }],
    skip: keep,
    take: 1,
    select: { createdAtMs: true },
  })
  if (newest === undefined) return []
  const rows = await db.client.service.findMany({
    where: {
      ...ended,
      createdAtMs: { lte: newest.createdAtMs, lt: fromMs(beforeMs) },
      versions: { some: {} },
      // A port is released when its service ends.
      OR: [{ endpoint: null }, { endpoint: { releasedAtMs: { lt: fromMs(beforeMs) } } }],
    },
    orderBy: [{ createdAtMs: 'asc' }, { uid: 'asc' }],
    skip,
    take: servicesAtOnce,
    select: { uid: true },
  })
  return rows.map(({ uid }) => uid)
}

/** Removes what the placer and the autoscaler knew of a service that ended; a living one is left alone. */
export async function deleteServiceMemory(tx: Tx, serviceUid: string): Promise<void> {
  const where = { serviceUid, service: { status: 'TERMINATED' as const } }
  await tx.client.spotLocation.deleteMany({ where })
  await tx.client.autoscalerState.deleteMany({ where })
}
