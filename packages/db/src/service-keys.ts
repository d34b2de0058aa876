import type { KeyRoute } from '@skykeep/core/routes'
import type { ServiceKeyView } from '@skykeep/core/service-key-views'
import type { Db, Tx } from './handles.ts'
import { fromMs, fromMsOrNull, toMs, toMsOrNull } from './milliseconds.ts'

export interface NewServiceKey {
  readonly uid: string
  readonly serviceUid: string
  readonly name: string
  /** SHA-256 of the key, hex. */
  readonly keyHash: string
  /** Its last four characters. */
  readonly ending: string
  readonly createdBy: string
  /** Null: it holds until it is revoked. */
  readonly expiresAtMs: number | null
}

/** A key with its hash: for the gateway, and for nobody else. */
export interface ServiceKey extends ServiceKeyView {
  readonly keyHash: string
}

/** How long a key that ended is still shown. */
const endedKeptMs = 30 * 24 * 3_600_000

/** Stores a key's hash, and forgets the keys of its service that ended 30 days ago. @throws ALREADY_EXISTS when the hash is there. */
export async function insertServiceKey(tx: Tx, { expiresAtMs, ...key }: NewServiceKey): Promise<void> {
  const before = { lt: fromMs(tx.clock.now() - endedKeptMs) }
  const { serviceUid } = key
  await tx.client.serviceKey.deleteMany({
    where: { serviceUid, OR: [{ revokedAtMs: before }, { expiresAtMs: before }] },
  })
  await tx.client.serviceKey.create({
    data: { ...key, expiresAtMs: fromMsOrNull(expiresAtMs), createdAtMs: fromMs(tx.clock.now()) },
  })
}

/** The keys of a service, newest first, at most so many, those that hold no longer too; `createdBy` is a uid. */
export async function listServiceKeys(
  db: Db,
  serviceUid: string,
  limit: number,
): Promise<readonly ServiceKeyView[]> {
  const rows = await db.client.serviceKey.findMany({
    where: { serviceUid },
    orderBy: [{ createdAtMs: 'desc' }, { uid: 'desc' }],
    take: limit,
    omit: { keyHash: true },
  })
  return rows.map((row) => toView(row))
}

/** How many keys of a service hold now. */
export async function countLivingKeys(db: Db, serviceUid: string): Promise<number> {
  return await db.client.serviceKey.count({ where: { serviceUid, ...living(db) } })
}

/** The newest key of a service that has this name, whether it holds or not; null: there was none. */
export async function findServiceKey(db: Db, serviceUid: string, name: string): Promise<ServiceKey | null> {
  const row = await db.client.serviceKey.findFirst({
    where: { serviceUid, name },
    orderBy: [{ createdAtMs: 'desc' }, { uid: 'desc' }],
  })
  return row && { ...toView(row), keyHash: row.keyHash }
}

/** From now on no table names it. */
export async function revokeServiceKey(tx: Tx, uid: string): Promise<void> {
  await tx.client.serviceKey.updateMany({
    where: { uid, revokedAtMs: null },
    data: { revokedAtMs: fromMs(tx.clock.now()) },
  })
}

/** The keys that hold now, by service, oldest first. */
export async function listKeyRoutes(db: Db): Promise<ReadonlyMap<string, readonly KeyRoute[]>> {
  const rows = await db.client.serviceKey.findMany({
    where: { ...living(db), service: { status: { not: 'TERMINATED' } } },
    orderBy: [{ createdAtMs: 'asc' }, { uid: 'asc' }],
  })
  const routes = new Map<string, KeyRoute[]>()
  for (const { serviceUid, name, keyHash, expiresAtMs } of rows) {
    const mine = routes.get(serviceUid) ?? []
    mine.push({
      name,
      hash: keyHash,
      ...(expiresAtMs === null ? {} : { expiresAtMs: toMs(expiresAtMs) }),
    })
    routes.set(serviceUid, mine)
  }
  return routes
}

function living(db: Db) {
  return {
    revokedAtMs: null,
    OR: [{ expiresAtMs: null }, { expiresAtMs: { gt: fromMs(db.clock.now()) } }],
  }
}

interface KeyRow {
  readonly uid: string
  readonly name: string
  readonly ending: string
  readonly createdAtMs: bigint
  readonly createdBy: string
  readonly expiresAtMs: bigint | null
  readonly revokedAtMs: bigint | null
}

function toView({
  uid,
  name,
  ending,
  createdAtMs,
  createdBy,
  expiresAtMs,
  revokedAtMs,
}: KeyRow): ServiceKeyView {
  return {
    uid,
    name,
    ending,
    createdAtMs: toMs(createdAtMs),
    createdBy,
    expiresAtMs: toMsOrNull(expiresAtMs),
    revokedAtMs: toMsOrNull(revokedAtMs),
  }
}
