import type { Tx } from './handles.ts'
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
