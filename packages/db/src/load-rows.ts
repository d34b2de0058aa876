import { databaseKindOf } from './database-url.ts'
import { toDatabaseError } from './database-errors.ts'
import type { Load } from './load.ts'
import { openPostgresqlLoad } from './load-rows-postgresql.ts'
import { openSqliteLoad } from './load-rows-sqlite.ts'

/** Opens the one transaction. @throws STORAGE_DEGRADED, UNAVAILABLE. */
export async function openLoad(url: string): Promise<Load> {
  try {
    const load = databaseKindOf(url) === 'sqlite' ? openSqliteLoad(url) : await openPostgresqlLoad(url)
    return {
      ...load,
      insert: async (...row) => await translated(load.insert(...row)),
      commit: async () => await translated(load.commit()),
    }
  } catch (error) {
    throw toDatabaseError(error)
  }
}

async function translated(work: Promise<void>): Promise<void> {
  try {
    await work
  } catch (error) {
    throw toDatabaseError(error)
  }
}
