import type { Prisma } from './generated/sqlite/client.ts'
import { fromMs } from './milliseconds.ts'
import type { Db, Tx } from './handles.ts'
import { pruneBatch, type ServiceSurplus } from './prune-history.ts'

/** A replica that ended: the sweep reaps a node by it (invariant 3). */
export interface Tombstone {
  readonly uid: string
  readonly serviceUid: string
  readonly replicaId: number
  readonly infra: string
}

/** The services that have more than `keep` replicas that ended. */
export async function servicesWithTombstones(db: Db, keep: number): Promise<string[]> {
  const groups = await db.client.replica.groupBy({
    by: ['serviceUid'],
    where: { status: 'TERMINATED' },
    having: { serviceUid: { _count: { gt: keep } } },
  })
  return groups.map(({ serviceUid }) => serviceUid)
}

/** Replicas that ended before a wall time and lie beyond the newest `keep` of their service that did; at most 500. */
export async function surplusTombstones(
  db: Db,
  { serviceUid, keep, beforeMs }: ServiceSurplus & { readonly beforeMs: number },
): Promise<Tombstone[]> {
  const rows = await db.client.replica.findMany({
    where: { serviceUid, status: 'TERMINATED' },
    orderBy: { replicaId: 'desc' },
    skip: keep,
    take: pruneBatch,
    select: { uid: true, serviceUid: true, replicaId: true, infra: true, statusChangedAtMs: true },
  })
  return rows
    .filter(({ statusChangedAtMs }) => statusChangedAtMs < fromMs(beforeMs))
    .map(({ uid, replicaId, infra }) => ({ uid, serviceUid, replicaId, infra }))
}

const isFree: Prisma.ReplicaWhereInput = {
  status: 'TERMINATED',
  // An address belongs to it until every gateway has acked a table without it (invariant 9).
  addresses: { none: {} },
  reconciliation: { leaseOwner: null },
}

/** Removes replicas that ended and that hold neither an address nor a lease, with the engine's part of them. @returns those that went. */
export async function deleteTombstones(tx: Tx, uids: readonly string[]): Promise<string[]> {
  const among = { in: uids.slice(0, pruneBatch) }
  const rows = await tx.client.replica.findMany({ where: { uid: among, ...isFree }, select: { uid: true } })
  const uid = { in: rows.map((row) => row.uid) }
  await tx.client.replica.deleteMany({ where: { uid } })
  await tx.client.reconciliation.deleteMany({ where: { uid } })
  return uid.in
}

/** Service and number of every replica that has not ended. */
export async function livingReplicaNumbers(
  db: Db,
): Promise<{ readonly serviceUid: string; readonly replicaId: number }[]> {
  const where = { status: { not: 'TERMINATED' as const } }
  return await db.client.replica.findMany({ where, select: { serviceUid: true, replicaId: true } })
}

/** Whether a row is left of any replica of the service. */
export async function hasTombstones(db: Db, serviceUid: string): Promise<boolean> {
  return (await db.client.replica.findFirst({ where: { serviceUid }, select: { uid: true } })) !== null
}
