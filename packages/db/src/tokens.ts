import type { Db, Tx } from './handles.ts'
import { fromMs, toMs, toMsOrNull } from './milliseconds.ts'
import { toUser, type User } from './users.ts'

export interface Token {
  readonly uid: string
  readonly name: string
  /** SHA-256, hex. */
  readonly secretHash: string
  readonly user: User
  readonly lastUsedAtMs: number | null
  readonly revokedAtMs: number | null
  /** From then on it is refused; null: never by itself. */
  readonly expiresAtMs: number | null
}

export interface NewToken {
  readonly uid: string
  readonly userUid: string
  readonly name: string
  readonly secretHash: string
  /** Absent: it holds until it is revoked. */
  readonly expiresAtMs?: number | null
}

/** Stores a token's hash. @throws ALREADY_EXISTS when the hash is there. */
export async function insertToken(tx: Tx, token: NewToken): Promise<void> {
  const { uid, userUid, name, secretHash, expiresAtMs = null } = token
  await tx.client.token.create({
    data: {
      uid,
      userUid,
      name,
      secretHash,
      createdAtMs: fromMs(tx.clock.now()),
      expiresAtMs: expiresAtMs === null ? null : fromMs(expiresAtMs),
    },
  })
}

/** The token with that hash, revoked, expired or neither, or null. */
export async function findToken(db: Db, secretHash: string): Promise<Token | null> {
  const row = await db.client.token.findUnique({ where: { secretHash }, include: { user: true } })
  return (
    row && {
      uid: row.uid,
      name: row.name,
      secretHash: row.secretHash,
      user: toUser(row.user),
      lastUsedAtMs: toMsOrNull(row.lastUsedAtMs),
      revokedAtMs: toMsOrNull(row.revokedAtMs),
      expiresAtMs: toMsOrNull(row.expiresAtMs),
    }
  )
}

/** A token as its owner may see it: without its hash. */
export interface OwnToken {
  readonly uid: string
  readonly name: string
  readonly createdAtMs: number
  readonly lastUsedAtMs: number | null
  readonly revokedAtMs: number | null
  readonly expiresAtMs: number | null
}

/** The tokens of a user, newest first, at most so many. */
export async function listTokens(db: Db, userUid: string, limit: number): Promise<readonly OwnToken[]> {
  const rows = await db.client.token.findMany({
    where: { userUid },
    orderBy: [{ createdAtMs: 'desc' }, { uid: 'desc' }],
    take: limit,
  })
  return rows.map((row) => ({
    uid: row.uid,
    name: row.name,
    createdAtMs: toMs(row.createdAtMs),
    lastUsedAtMs: toMsOrNull(row.lastUsedAtMs),
    revokedAtMs: toMsOrNull(row.revokedAtMs),
    expiresAtMs: toMsOrNull(row.expiresAtMs),
  }))
}

/** The uid of the living token of a user that has this name, or null. */
export async function findLivingToken(db: Db, userUid: string, name: string): Promise<string | null> {
  const row = await db.client.token.findFirst({
    where: {
      userUid,
      name,
      revokedAtMs: null,
      OR: [{ expiresAtMs: null }, { expiresAtMs: { gt: fromMs(db.clock.now()) } }],
    },
    select: { uid: true },
  })
  return row?.uid ?? null
}

/** Whether the token is there and neither revoked nor expired. */
export async function isTokenLiving(db: Db, uid: string): Promise<boolean> {
  const row = await db.client.token.findUnique({
    where: { uid },
    select: { revokedAtMs: true, expiresAtMs: true },
  })
  if (row === null || row.revokedAtMs !== null) return false
  return row.expiresAtMs === null || toMs(row.expiresAtMs) > db.clock.now()
}

/** Notes that a token was shown. */
export async function touchToken(tx: Tx, uid: string): Promise<void> {
  await tx.client.token.updateMany({ where: { uid }, data: { lastUsedAtMs: fromMs(tx.clock.now()) } })
}

/** Revokes every living token of a user that has this name, such as the one before a replaced `keys/local-token`. */
export async function revokeTokens(tx: Tx, userUid: string, name: string): Promise<void> {
  await tx.client.token.updateMany({
    where: { userUid, name, revokedAtMs: null },
    data: { revokedAtMs: fromMs(tx.clock.now()) },
  })
}
