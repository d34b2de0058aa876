import { randomUUID } from 'node:crypto'
import type { Client } from 'pg'
import type { MigrateOptions, MigrationSession } from './migration-session.ts'
import { migrationLock } from './postgresql-names.ts'
import { inPostgresqlTransaction } from './with-postgresql.ts'

/** The table as Prisma's own program creates it. */
const recordsTable = `CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" VARCHAR(36) PRIMARY KEY NOT NULL,
  "checksum" VARCHAR(64) NOT NULL,
  "finished_at" TIMESTAMPTZ,
  "migration_name" VARCHAR(255) NOT NULL,
  "logs" TEXT,
  "rolled_back_at" TIMESTAMPTZ,
  "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
  "applied_steps_count" INTEGER NOT NULL DEFAULT 0
)`

interface RecordRow {
  readonly name: string
  readonly checksum: string
  readonly finished: boolean
}

/** Runs `work` on a PostgreSQL database in one transaction, under the lock that Prisma's own program takes. */
export async function migratePostgresql<T>(
  options: MigrateOptions,
  work: (session: MigrationSession) => Promise<T>,
): Promise<T> {
  return await inPostgresqlTransaction(
    options.url,
    async (client) => {
      await client.query('SELECT pg_advisory_xact_lock($1)', [migrationLock])
      return await work(sessionOn(client, options))
    },
    { lock_timeout: options.lockWaitMs ?? 60_000 },
  )
}

function sessionOn(client: Client, { clock }: MigrateOptions): MigrationSession {
  return {
    async applied() {
      await client.query(recordsTable)
      const { rows } = await client.query<RecordRow>(
        `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished FROM _prisma_migrations WHERE rolled_back_at IS NULL`,
      )
      return rows.map(({ name, checksum, finished }) => ({ name, checksum, isFinished: finished }))
    },
    async oldestProgram() {
      const { rows } = await client.query<{ version: string }>(
        `SELECT oldest_program AS version FROM schema_support`,
      )
      return rows[0]?.version ?? null
    },
    async apply(migration) {
      const startedAt = new Date(clock.now())
      await client.query(migration.sql)
      await client.query(
        `INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count) VALUES ($1, $2, $3, $4, $5, 1)`,
        [randomUUID(), migration.checksum, migration.name, startedAt, new Date(clock.now())],
      )
    },
    async setOldestProgram(version) {
      await client.query(
        `INSERT INTO schema_support (id, oldest_program) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET oldest_program = excluded.oldest_program`,
        [version],
      )
    },
  }
}
