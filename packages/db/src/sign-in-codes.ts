import type { Db, Tx } from './handles.ts'
import { fromMs, toMs } from './milliseconds.ts'
import { toUser, type User } from './users.ts'

export interface NewSignInCode {
  readonly userUid: string
  /** SHA-256, hex. */
  readonly codeHash: string
  readonly expiresAtMs: number
}

/** Stores a code, and removes those that have expired. */
export async function insertSignInCode(tx: Tx, code: NewSignInCode): Promise<void> {
  const now = fromMs(tx.clock.now())
  await tx.client.signInCode.deleteMany({ where: { expiresAtMs: { lte: now } } })
  const { codeHash, userUid, expiresAtMs } = code
  await tx.client.signInCode.create({
    data: { codeHash, userUid, createdAtMs: now, expiresAtMs: fromMs(expiresAtMs) },
  })
}

/** Whether a code with that hash is there, unused and not expired. Only a read: what it says may be over by the next moment. */
export async function isSignInCodeHolding(db: Db, codeHash: string): Promise<boolean> {
  const row = await db.client.signInCode.findUnique({ where: { codeHash }, select: { expiresAtMs: true } })
  return row !== null && toMs(row.expiresAtMs) > db.clock.now()
}

/** Uses a code up and says whose it was and until when it held; null when there is none: of two callers one gets it. */
export async function takeSignInCode(
  tx: Tx,
  codeHash: string,
): Promise<{ readonly user: User; readonly expiresAtMs: number } | null> {
  const row = await tx.client.signInCode.findUnique({ where: { codeHash }, include: { user: true } })
  if (row === null) return null
  const { count } = await tx.client.signInCode.deleteMany({ where: { codeHash } })
  return count === 1 ? { user: toUser(row.user), expiresAtMs: toMs(row.expiresAtMs) } : null
}
