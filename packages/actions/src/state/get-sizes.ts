import type { SizesView } from '@skykeep/core/state-views'
import { databaseBytes } from '@skykeep/db/database-size'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'

/** What the database, its log and each part of the persistent path take. */
export async function getSizes(context: ActionContext): Promise<SizesView> {
  authorize(context.actor, 'system:read')
  const { db, state } = context
  const { atMs, walBytes, parts } = await state.sizes()
  return {
    atMs,
    // A role of PostgreSQL may be refused the number.
    databaseBytes: await databaseBytes(db).catch(() => null),
    walBytes: db.kind === 'sqlite' ? walBytes : null,
    parts,
  }
}
