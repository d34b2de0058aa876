import BetterSqlite3 from 'better-sqlite3'
import { SkykeepError } from '@skykeep/core/errors'
import { toDatabaseError } from './database-errors.ts'
import { sqliteFileOf } from './database-url.ts'

/**
 * Brings everything of a SQLite database that nobody uses into its one file: afterwards a copy of that file is the database. @throws CONFLICT
 * when somebody still uses it, STORAGE_DEGRADED.
 */
export async function settleSqlite(url: string): Promise<void> {
  const file = sqliteFileOf(url)
  try {
    const database = new BetterSqlite3(file, { fileMustExist: true, timeout: 10_000 })
    try {
      const [result] = database.prepare<[], { busy: number }>('PRAGMA wal_checkpoint(TRUNCATE)').all()
      const [check] = database.prepare<[], { quick_check: string }>('PRAGMA quick_check(1)').all()
      if (check?.quick_check !== 'ok')
        throw new SkykeepError(
          'STORAGE_DEGRADED',
          `${file} is damaged: ${check?.quick_check ?? 'no answer'}`,
          {
            hint: 'Restore a backup: `skykeep state backups` lists them.',
          },
        )
      if (result?.busy === 0) return
    } finally {
      database.close()
    }
  } catch (error) {
    throw toDatabaseError(error)
  }
  throw new SkykeepError('CONFLICT', `${file} is still in use by another process`, {
    hint: 'End what uses it (`skykeep state doctor` names the holder), and repeat.',
  })
}
