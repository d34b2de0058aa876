import { databaseKindOf } from './database-url.ts'
import { openPostgresqlDump } from './dump-postgresql.ts'
import { openSqliteDump } from './dump-sqlite.ts'
import type { Dump } from './dump-table.ts'
import { toDatabaseError } from './database-errors.ts'

export interface DumpOptions {
  readonly url: string
  /** SQLite: a file that does not exist yet, for a private copy of the database; it is removed by `close`. */
  readonly copyTo: string
}

/**
 * Opens a snapshot of a database that others use meanwhile. SQLite: copies it first (`openSqliteDump` says what that holds). PostgreSQL: one
 * REPEATABLE READ transaction on a connection of its own. @throws STORAGE_DEGRADED, UNAVAILABLE.
 */
export async function openDump({ url, copyTo }: DumpOptions): Promise<Dump> {
  try {
    return databaseKindOf(url) === 'sqlite'
      ? await openSqliteDump(url, copyTo)
      : await openPostgresqlDump(url)
  } catch (error) {
    throw toDatabaseError(error)
  }
}
