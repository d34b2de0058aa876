import type { Prisma } from './generated/sqlite/client.ts'
import type { Db, Tx } from './handles.ts'
import { pruneBatch } from './prune-history.ts'

const ended: Prisma.OperationWhereInput = {
  status: { in: ['SUCCEEDED', 'FAILED', 'CANCELLED'] },
  reconciliation: { leaseOwner: null },
}

/** Operations that ended beyond the newest `keep` that did, at most 500. */
export async function surplusOperations(db: Db, keep: number): Promise<string[]> {
  const rows = await db.client.operation.findMany({
    where: ended,
    orderBy: [{ createdAtMs: 'desc' }, { uid: 'desc' }],
    skip: keep,
    take: pruneBatch,
    select: { uid: true },
  })
  return rows.map(({ uid }) => uid)
}

/** Removes operations that ended and that no controller holds, with the engine's part of them. @returns those that went. */
export async function deleteOperations(tx: Tx, uids: readonly string[]): Promise<string[]> {
  const among = { in: uids.slice(0, pruneBatch) }
  const rows = await tx.client.operation.findMany({ where: { uid: among, ...ended }, select: { uid: true } })
  const uid = { in: rows.map((row) => row.uid) }
  await tx.client.operation.deleteMany({ where: { uid } })
  await tx.client.reconciliation.deleteMany({ where: { uid } })
  return uid.in
}

/** The operations that have not ended. */
export async function runningOperationUids(db: Db): Promise<string[]> {
  const status = { in: ['PENDING' as const, 'RUNNING' as const] }
  return (await db.client.operation.findMany({ where: { status }, select: { uid: true } })).map(
    ({ uid }) => uid,
  )
}
