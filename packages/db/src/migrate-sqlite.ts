import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { SkykeepError } from '@skykeep/core/errors'
import { sqliteFileOf } from './database-url.ts'
import type { MigrateOptions, MigrationSession } from './migration-session.ts'
import { patiently } from './patience.ts'

/** The table as Prisma's own program creates it. */
const recordsTable = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" TEXT PRIMARY KEY NOT NULL,
  "checksum" TEXT NOT NULL,
  "finished_at" DATETIME,
  "migration_name" TEXT NOT NULL,
  "logs" TEXT,
  "rolled_back_at" DATETIME,
  "started_at" DATETIME NOT NULL DEFAULT current_timestamp,
  "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0
)`

interface RecordRow {
  readonly name: string
  readonly checksum: string
  readonly finishedAt: unknown
}

/** Runs `work` on a SQLite file in one exclusive write transaction; the file is created when it is missing. */
export async function migrateSqlite<T>(
  options: MigrateOptions,
  work: (session: MigrationSession) => Promise<T>,
): Promise<T> {
  const file = sqliteFileOf(options.url)
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  const database = new BetterSqlite3(file, { timeout: 0 })
  const patience = { clock: options.clock, waitMs: options.lockWaitMs ?? 60_000 }
  const execute = (sql: string): Promise<void> => patiently(patience, async () => void database.exec(sql))
  try {
    await execute('PRAGMA journal_mode = WAL')
    // Both have no effect inside a transaction.
    await execute('PRAGMA synchronous = FULL')
    await execute('PRAGMA foreign_keys = OFF')
    await execute('BEGIN IMMEDIATE')
    const result = await work(sessionOn(database, options))
    const broken = database.prepare('PRAGMA foreign_key_check').all()
    if (broken.length > 0)
      throw new SkykeepError('INTERNAL', `a migration leaves ${broken.length} broken references`)
    database.exec('COMMIT')
    return result
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK')
    throw error
  } finally {
    database.close()
  }
}

function sessionOn(database: BetterSqlite3.Database, { clock }: MigrateOptions): MigrationSession {
  return {
    async applied() {
      database.exec(recordsTable)
      const rows = database
        .prepare<[], RecordRow>(
          `SELECT migration_name AS name, checksum, finished_at AS finishedAt FROM _prisma_migrations WHERE rolled_back_at IS NULL`,
        )
        .all()
      return rows.map(({ name, checksum, finishedAt }) => ({
        name,
        checksum,
        isFinished: finishedAt !== null,
      }))
    },
    async oldestProgram() {
      const row = database
        .prepare<[], { version: string }>(`SELECT oldest_program AS version FROM schema_support`)
        .get()
      return row?.version ?? null
    },
    async apply(migration) {
      const startedAt = clock.now()
      database.exec(migration.sql)
      database
        .prepare(
          `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count) VALUES (?, ?, ?, ?, ?, 1)`,
        )
        .run(randomUUID(), migration.checksum, migration.name, startedAt, clock.now())
    },
    async setOldestProgram(version) {
      database
        .prepare(
          `INSERT INTO schema_support (id, oldest_program) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET oldest_program = excluded.oldest_program`,
        )
        .run(version)
    },
  }
}
