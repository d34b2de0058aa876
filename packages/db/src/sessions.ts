import type { Db, Tx } from './handles.ts'
import { fromMs, toMs } from './milliseconds.ts'
import { toUser, type User } from './users.ts'

export interface Session {
  readonly uid: string
  /** SHA-256, hex. */
  readonly secretHash: string
  /** SHA-256 of the origin proof, hex; null when the session was made without one. */
  readonly proofHash: string | null
  readonly user: User
  readonly expiresAtMs: number
}

export interface NewSession {
  readonly uid: string
  readonly userUid: string
  readonly secretHash: string
  readonly proofHash: string
  readonly expiresAtMs: number
}

/** Starts a session, and removes those of all users that have expired. */
export async function insertSession(tx: Tx, session: NewSession): Promise<void> {
  const now = fromMs(tx.clock.now())
  await tx.client.session.deleteMany({ where: { expiresAtMs: { lte: now } } })
  const { uid, userUid, secretHash, proofHash, expiresAtMs } = session
  await tx.client.session.create({
    data: { uid, userUid, secretHash, proofHash, createdAtMs: now, expiresAtMs: fromMs(expiresAtMs) },
  })
}

/** The session with that hash, expired or not; null when it was ended. */
export async function findSession(db: Db, secretHash: string): Promise<Session | null> {
  const row = await db.client.session.findUnique({ where: { secretHash }, include: { user: true } })
  return (
    row && {
      uid: row.uid,
      secretHash: row.secretHash,
      proofHash: row.proofHash,
      user: toUser(row.user),
      expiresAtMs: toMs(row.expiresAtMs),
    }
  )
}

/** Whether the session is there and has not expired. */
export async function isSessionLiving(db: Db, uid: string): Promise<boolean> {
  const row = await db.client.session.findUnique({ where: { uid }, select: { expiresAtMs: true } })
  return row !== null && toMs(row.expiresAtMs) > db.clock.now()
}

/** Moves the end of a session; one that was ended stays ended. */
export async function extendSession(tx: Tx, uid: string, expiresAtMs: number): Promise<void> {
  await tx.client.session.updateMany({ where: { uid }, data: { expiresAtMs: fromMs(expiresAtMs) } })
}

/** Ends a session; ending it twice changes nothing. */
export async function deleteSession(tx: Tx, uid: string): Promise<void> {
  await tx.client.session.deleteMany({ where: { uid } })
}
