import type { Prisma } from './generated/sqlite/client.ts'
import { notFound } from './guard.ts'
import type { Database, Db, Tx } from './handles.ts'
import { fromMs, toMs, toMsOrNull } from './milliseconds.ts'

export interface Installation {
  readonly uid: string
  /** Grows with each restore or clone (invariant 3). */
  readonly epoch: number
  readonly fence: number
  /** Proof that a master key is the right one; null until the first is used. */
  readonly keyCheck: string | null
  readonly createdAtMs: number
  /** When a backup was restored into this database; null: never. The sweep then only reports (invariant 3). */
  readonly restoredAtMs: number | null
  readonly restoredFrom: string
}

/** Creates the installation's row with this uid on a new database; afterwards returns what is there. */
export async function ensureInstallation(database: Database, uid: string): Promise<Installation> {
  return database.transaction(async (tx) => {
    const existing = await tx.client.installation.findUnique({ where: { id: 1 } })
    if (existing !== null) return toInstallation(existing)
    return toInstallation(
      await tx.client.installation.create({ data: { id: 1, uid, createdAtMs: fromMs(tx.clock.now()) } }),
    )
  })
}

/** @throws NOT_FOUND before ensureInstallation. */
export async function getInstallation(db: Db): Promise<Installation> {
  const row = await db.client.installation.findUnique({ where: { id: 1 } })
  if (row === null) throw notFound('installation')
  return toInstallation(row)
}

export async function setKeyCheck(tx: Tx, keyCheck: string): Promise<void> {
  await tx.client.installation.update({ where: { id: 1 }, data: { keyCheck } })
}

/** Name of the newest migration that was applied. */
export async function latestMigration(db: Db): Promise<string> {
  const rows = await db.client.$queryRaw<{ name: string }[]>`
    SELECT migration_name AS "name" FROM "_prisma_migrations" ORDER BY migration_name DESC LIMIT 1`
  return rows[0]?.name ?? ''
}

function toInstallation({
  uid,
  epoch,
  fence,
  keyCheck,
  createdAtMs,
  restoredAtMs,
  restoredFrom,
}: Prisma.InstallationGetPayload<object>): Installation {
  return {
    uid,
    epoch,
    fence,
    keyCheck,
    createdAtMs: toMs(createdAtMs),
    restoredAtMs: toMsOrNull(restoredAtMs),
    restoredFrom,
  }
}
