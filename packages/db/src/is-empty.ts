import { existsSync } from 'node:fs'
import BetterSqlite3 from 'better-sqlite3'
import { toDatabaseError } from './database-errors.ts'
import { databaseKindOf, sqliteFileOf } from './database-url.ts'
import { withPostgresql } from './with-postgresql.ts'

/** Whether a database holds no table at all, or does not exist yet (SQLite). @throws UNAVAILABLE, STORAGE_DEGRADED. */
export async function isEmptyDatabase(url: string): Promise<boolean> {
  try {
    return databaseKindOf(url) === 'sqlite' ? isEmptyFile(sqliteFileOf(url)) : await isEmptySchema(url)
  } catch (error) {
    throw toDatabaseError(error)
  }
}

function isEmptyFile(file: string): boolean {
  if (!existsSync(file)) return true
  const database = new BetterSqlite3(file)
  try {
    return database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined
  } finally {
    database.close()
  }
}

async function isEmptySchema(url: string): Promise<boolean> {
  return await withPostgresql(url, async (client) => {
    const { rows } = await client.query(
      `SELECT 1 FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace LIMIT 1`,
    )
    return rows.length === 0
  })
}
