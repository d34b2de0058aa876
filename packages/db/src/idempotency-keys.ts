import type { Db, Tx } from './handles.ts'
import { fromMs, toMs, toMsOrNull } from './milliseconds.ts'
import { pruneBatch } from './prune-history.ts'

/** Whose key it is, and which. */
export interface IdempotencyKeyPlace {
  readonly userUid: string
  /** SHA-256 of the key, hex. */
  readonly keyHash: string
}

/** A request with an `Idempotency-Key` and what it was answered. */
export interface IdempotencyRecord extends IdempotencyKeyPlace {
  readonly procedure: string
  /** HMAC-SHA-256 of procedure and input under the key, hex. */
  readonly requestHash: string
  /** JSON; null: it answered nothing. */
  readonly answer: string | null
}

/** What is kept under that key and not older than `keptMs`, or null. */
export async function findIdempotencyRecord(
  db: Db,
  { userUid, keyHash }: IdempotencyKeyPlace,
  keptMs: number,
): Promise<IdempotencyRecord | null> {
  const row = await db.client.idempotencyKey.findUnique({ where: { userUid_keyHash: { userUid, keyHash } } })
  if (row === null || toMs(row.createdAtMs) < db.clock.now() - keptMs) return null
  const { createdAtMs: _createdAtMs, ...record } = row
  return record
}

/** Keeps an answer; one under that key that is older than `keptMs` makes room. @throws ALREADY_EXISTS when a younger one is there. */
export async function insertIdempotencyRecord(
  tx: Tx,
  record: IdempotencyRecord,
  keptMs: number,
): Promise<void> {
  const { userUid, keyHash } = record
  const nowMs = tx.clock.now()
  await tx.client.idempotencyKey.deleteMany({
    where: { userUid, keyHash, createdAtMs: { lt: fromMs(nowMs - keptMs) } },
  })
  await tx.client.idempotencyKey.create({ data: { ...record, createdAtMs: fromMs(nowMs) } })
}

/** Forgets one: what it was written for has been taken back. */
export async function deleteIdempotencyRecord(
  tx: Tx,
  { userUid, keyHash }: IdempotencyKeyPlace,
): Promise<void> {
  await tx.client.idempotencyKey.deleteMany({ where: { userUid, keyHash } })
}

/**
 * The wall time up to which records may go: below `beforeMs`, and about 500 at most (those of one millisecond go together). Null: none.
 */
export async function prunableIdempotencyMs(db: Db, beforeMs: number): Promise<number | null> {
  const rows = await db.client.idempotencyKey.findMany({
    where: { createdAtMs: { lt: fromMs(beforeMs) } },
    orderBy: { createdAtMs: 'asc' },
    take: pruneBatch,
    select: { createdAtMs: true },
  })
  return toMsOrNull(rows.at(-1)?.createdAtMs ?? null)
}

/** @returns how many went. */
export async function deleteIdempotencyRecords(tx: Tx, throughMs: number): Promise<number> {
  const where = { createdAtMs: { lte: fromMs(throughMs) } }
  return (await tx.client.idempotencyKey.deleteMany({ where })).count
}
