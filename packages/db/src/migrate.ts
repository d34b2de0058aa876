import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { createHash } from 'node:crypto'
import { SkykeepError } from '@skykeep/core/errors'
import { toDatabaseError } from './database-errors.ts'
import { databaseKindOf } from './database-url.ts'
import { migratePostgresql } from './migrate-postgresql.ts'
import { migrateSqlite } from './migrate-sqlite.ts'
import { planMigrations, type Migration, type MigrationPlan } from './migration-plan.ts'
import type { MigrateOptions, MigrationSession } from './migration-session.ts'

/**
 * Brings the database to the newest schema, all or nothing, under a lock: of several processes that start at once, one
 * migrates and the others wait and find nothing to do. Records what it did as `prisma migrate deploy` does.
 * @returns the names of the migrations that it applied.
 * @throws CONFLICT for a migration that was changed after it was applied, UNSUPPORTED for a schema that is too new for
 * this program, UNAVAILABLE, STORAGE_DEGRADED.
 */
export async function migrate(options: MigrateOptions): Promise<readonly string[]> {
  const kind = databaseKindOf(options.url)
  const all = await readMigrations(path.join(options.migrationsDir, kind))
  const { upTo } = options
  const migrations = upTo === undefined ? all : all.filter(({ name }) => name <= upTo)
  const run = kind === 'sqlite' ? migrateSqlite : migratePostgresql
  try {
    return await run(options, (session) => migrateIn(session, migrations, options))
  } catch (error) {
    throw toDatabaseError(error)
  }
}

async function migrateIn(
  session: MigrationSession,
  migrations: readonly Migration[],
  options: MigrateOptions,
): Promise<readonly string[]> {
  const applied = await session.applied()
  const oldestProgram = applied.length === 0 ? null : await session.oldestProgram()
  const plan: MigrationPlan = planMigrations({
    migrations,
    applied,
    oldestProgram,
    programVersion: options.programVersion,
  })
  for (const migration of plan.pending) {
    await session.apply(migration)
    options.log?.(`migrated the database: ${migration.name}`)
  }
  if (plan.oldestProgram !== null) await session.setOldestProgram(plan.oldestProgram)
  return plan.pending.map((migration) => migration.name)
}

async function readMigrations(folder: string): Promise<readonly Migration[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((cause: unknown) => {
    throw new SkykeepError('INTERNAL', `no migrations in ${folder}`, { cause })
  })
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  return Promise.all(names.toSorted().map((name) => readMigration(folder, name)))
}

async function readMigration(folder: string, name: string): Promise<Migration> {
  const sql = await readFile(path.join(folder, name, 'migration.sql'), 'utf8')
  const oldestProgram = await readFile(path.join(folder, name, 'oldest-program.txt'), 'utf8').catch(
    () => null,
  )
  const checksum = createHash('sha256').update(sql).digest('hex')
  return { name, sql, checksum, oldestProgram: oldestProgram?.trim() ?? null }
}
