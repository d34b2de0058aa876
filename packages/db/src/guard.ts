import { SkykeepError } from '@skykeep/core/errors'
import type { Tx } from './handles.ts'
import type { DrivenKind } from './reconciliations.ts'

/** The right to write as the holder of a claimed row. */
export interface LeaseHeld {
  readonly kind: DrivenKind
  readonly uid: string
  readonly token: number
}

/** What must still be true for a write to happen. */
export interface Guard {
  /** The lease under which it is written: of the row itself, or of the row whose controller writes it. */
  readonly lease?: LeaseHeld
  /** The version that the writer has read. */
  readonly rowVersion?: number
}

/** @throws STALE_LEASE when the claim is not held any more; nothing was written. */
export async function checkLease(tx: Tx, lease: LeaseHeld): Promise<void> {
  const row = await tx.client.reconciliation.findUnique({
    where: { uid: lease.uid },
    select: { leaseOwner: true, leaseToken: true },
  })
  if (row !== null && row.leaseOwner !== null && row.leaseToken === lease.token) return
  throw new SkykeepError(
    'STALE_LEASE',
    `${lease.kind} ${lease.uid}: claim ${lease.token} is not held any more`,
  )
}

/** Checks the lease; the version goes into the condition of the update. */
export async function checkGuard(tx: Tx, guard: Guard): Promise<{ rowVersion?: number }> {
  if (guard.lease !== undefined) await checkLease(tx, guard.lease)
  return guard.rowVersion === undefined ? {} : { rowVersion: guard.rowVersion }
}

/** @throws NOT_FOUND or CONFLICT when a guarded update met no row. */
export function checkUpdated(count: number, what: string, guard: Guard): void {
  if (count === 1) return
  if (guard.rowVersion === undefined) throw notFound(what)
  throw new SkykeepError('CONFLICT', `${what}: changed since version ${guard.rowVersion} was read`, {
    userMessage: 'Someone else changed it in the meantime.',
    hint: 'Read it again and repeat the change.',
  })
}

export function notFound(what: string): SkykeepError {
  return new SkykeepError('NOT_FOUND', `${what}: no such row`)
}
