import { fromMs } from './milliseconds.ts'
import type { Db, Tx } from './handles.ts'

/** Services whose history one look finds at most. */
const servicesAtOnce = 10

export interface EndedServices {
  /** So many of the newest that ended keep their history. */
  readonly keep: number
  readonly beforeMs: number
  /** Infras that can be asked what is left of a replica. */
  readonly infras: readonly string[]
}

/**
 * Services that ended before a wall time, lie beyond the newest `keep` that ended, and still have a version: their history may go. The row
 * itself stays for ever, since the tombstone of its port hangs on it (invariant 16).
 */
export async function prunableServices(db: Db, { keep, beforeMs, infras }: EndedServices): Promise<string[]> {
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
      AND: [
        // A port is released when its service ends.
        { OR: [{ endpoint: null }, { endpoint: { releasedAtMs: { lt: fromMs(beforeMs) } } }] },
        { OR: [{ replicas: { none: {} } }, { replicas: { some: { infra: { in: [...infras] } } } }] },
      ],
    },
    orderBy: [{ createdAtMs: 'asc' }, { uid: 'asc' }],
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
