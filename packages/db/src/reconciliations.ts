import type { Reconciled } from '@skykeep/core/nouns'
import type { Prisma } from './generated/sqlite/client.ts'
import type { Db, Tx } from './handles.ts'
import { fromMs, toMsOrNull } from './milliseconds.ts'

/** The kinds that a controller drives by claims; an endpoint is driven through its service. */
export const drivenKinds = ['service', 'replica', 'operation'] as const
export type DrivenKind = (typeof drivenKinds)[number]

export type ReconciliationRow = Prisma.ReconciliationGetPayload<object>

/** The engine's part of a noun. */
export function toReconciled(rowVersion: number, row: ReconciliationRow): Reconciled {
  return {
    rowVersion,
    nextReconcileAtMs: toMsOrNull(row.nextReconcileAtMs),
    claimCount: row.claimCount,
    setAsideReason: row.setAsideReason,
    failureReason: row.failureReason,
    failureCount: row.failureCount,
  }
}

/** Creates the engine's part of a new row, due at once. */
export async function insertReconciliation(tx: Tx, kind: DrivenKind, uid: string): Promise<void> {
  const now = fromMs(tx.clock.now())
  await tx.client.reconciliation.create({ data: { uid, kind, nextReconcileAtMs: now, scheduledAtMs: now } })
}

/** Makes the row due now. A wake-up during a run is kept: the row is claimed again after it. */
export async function wake(tx: Tx, uid: string): Promise<void> {
  const now = fromMs(tx.clock.now())
  await tx.client.reconciliation.updateMany({
    where: { uid },
    data: { nextReconcileAtMs: now, scheduledAtMs: now },
  })
}

export interface SetAsideRow {
  readonly kind: DrivenKind
  readonly uid: string
  readonly reason: string
}

/** Rows that are out of the loop, with the reason. */
export async function listSetAside(db: Db): Promise<SetAsideRow[]> {
  const rows = await db.client.reconciliation.findMany({
    where: { setAsideReason: { not: null } },
    orderBy: { uid: 'asc' },
    take: 500,
  })
  return rows.map((row) => ({ kind: row.kind, uid: row.uid, reason: row.setAsideReason ?? '' }))
}

/** Takes a set-aside row back into the loop, due now, with a clean count. */
export async function bringBack(tx: Tx, uid: string): Promise<void> {
  await tx.client.reconciliation.updateMany({
    where: { uid },
    data: { setAsideReason: null, claimCount: 0, failureCount: 0 },
  })
  await wake(tx, uid)
}
