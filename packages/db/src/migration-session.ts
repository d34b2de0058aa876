import type { Clock } from '@skykeep/core/clock'
import type { AppliedMigration, Migration } from './migration-plan.ts'

export interface MigrateOptions {
  readonly url: string
  /** Holds one folder a database kind: `sqlite/`, `postgresql/`, each with one folder a migration. */
  readonly migrationsDir: string
  readonly clock: Clock
  /** This program's version, `X.Y.Z`: what a newer schema is compared with. */
  readonly programVersion: string
  readonly log?: (line: string) => void
  /** The last migration to apply; all of them unless told. Only for a new database. */
  readonly upTo?: string
  /** Longest wait for the lock, milliseconds; default 60 000. */
  readonly lockWaitMs?: number
}

/** One database under the migration lock, in one transaction. */
export interface MigrationSession {
  /** What is recorded; empty on a new database. Creates the table of records. */
  applied(): Promise<readonly AppliedMigration[]>
  /** Null before the first migration that knows it. */
  oldestProgram(): Promise<string | null>
  apply(migration: Migration): Promise<void>
  setOldestProgram(version: string): Promise<void>
}
