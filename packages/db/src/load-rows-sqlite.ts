import BetterSqlite3 from 'better-sqlite3'
import { SkykeepError } from '@skykeep/core/errors'
import { sqliteFileOf } from './database-url.ts'
import { readSqliteTables } from './dump-sqlite.ts'
import type { DumpColumn, DumpValue } from './dump-table.ts'
import type { Load } from './load.ts'

/** The load of a SQLite file. */
export function openSqliteLoad(url: string): Load {
  const database = new BetterSqlite3(sqliteFileOf(url), { fileMustExist: true })
  const tables = readSqliteTables(database)
  // No effect inside a transaction; `commit` checks every reference at once.
  database.pragma('foreign_keys = OFF')
  database.pragma('synchronous = FULL')
  database.exec('BEGIN IMMEDIATE')
  return {
    tables,
    insert: async (name, columns, rows) => {
      const types = new Map(tables.find((table) => table.name === name)?.columns.map(typed))
      const names = columns.map((column) => `"${column}"`).join(', ')
      const marks = columns.map(() => '?').join(', ')
      const statement = database.prepare(`INSERT INTO "${name}" (${names}) VALUES (${marks})`)
      for (const row of rows) statement.run(row.map((value, i) => stored(types.get(columns[i] ?? ''), value)))
    },
    commit: async () => {
      const broken = database.prepare('PRAGMA foreign_key_check').all()
      if (broken.length > 0)
        throw new SkykeepError('CONFLICT', `${broken.length} rows refer to rows that are not in the backup`)
      database.exec('COMMIT')
    },
    close: async () => {
      if (database.inTransaction) database.exec('ROLLBACK')
      database.close()
    },
  }
}

function typed({ name, type }: DumpColumn): readonly [string, DumpColumn['type']] {
  return [name, type]
}

function stored(type: DumpColumn['type'] | undefined, value: DumpValue): string | number | bigint | null {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (value !== null && (type === 'bigint' || type === 'integer')) return BigInt(value)
  return value
}
