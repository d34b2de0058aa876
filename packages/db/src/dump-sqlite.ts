import { rmSync } from 'node:fs'
import BetterSqlite3 from 'better-sqlite3'
import { sqliteFileOf } from './database-url.ts'
import {
  canonicalJson,
  type Dump,
  type DumpColumn,
  type DumpTable,
  dumpTypeOf,
  type DumpValue,
  encodeRow,
  parentsFirst,
  schemaTables,
} from './dump-table.ts'

/** Waits for a writer that holds the file exclusively (a checkpoint at its close), milliseconds. */
const busyMs = 5000

/**
 * Copies the file by SQLite's backup API in one step, and reads the copy. The one step is a read transaction of this process for as long as the
 * copy of the pages takes: reads and writes of others go on, only the reset of the write-ahead log waits for it. In several steps it would begin
 * anew with each write in between, and under load never end. Call it in a process that serves nothing: it blocks this one.
 */
export async function openSqliteDump(url: string, copyTo: string): Promise<Dump> {
  const source = new BetterSqlite3(sqliteFileOf(url), { fileMustExist: true, timeout: busyMs })
  try {
    await source.backup(copyTo, { progress: () => Number.MAX_SAFE_INTEGER })
  } finally {
    source.close()
  }
  return readSqliteFile(copyTo, () => {
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${copyTo}${suffix}`, { force: true })
  })
}

function readSqliteFile(file: string, onClose: () => void): Dump {
  const database = new BetterSqlite3(file, { fileMustExist: true, timeout: busyMs })
  try {
    const tables = readSqliteTables(database)
    return {
      kind: 'sqlite',
      migration: newestMigration(database),
      tables,
      count: async ({ name }) => {
        const row = database.prepare<[], { n: number }>(`SELECT count(*) AS n FROM ${quoted(name)}`).get()
        return row?.n ?? 0
      },
      rows: (table) => rowsOf(database, table),
      close: async () => {
        database.close()
        onClose()
      },
    }
  } catch (error) {
    database.close()
    onClose()
    throw error
  }
}

async function* rowsOf(database: BetterSqlite3.Database, table: DumpTable): AsyncIterable<string> {
  const names = table.columns.map(({ name }) => quoted(name)).join(', ')
  const order = table.key.map(quoted).join(', ')
  const statement = database.prepare<[], readonly unknown[]>(
    `SELECT ${names} FROM ${quoted(table.name)} ORDER BY ${order}`,
  )
  for (const row of statement.raw().safeIntegers().iterate()) {
    yield encodeRow(
      table,
      table.columns.map(({ type }, i) => valueOf(type, row[i])),
    )
  }
}

function valueOf(type: DumpColumn['type'], stored: unknown): DumpValue {
  if (stored === null || stored === undefined) return null
  switch (type) {
    case 'bigint':
      return String(stored)
    case 'integer':
    case 'real':
      return Number(stored)
    case 'boolean':
      return Number(stored) !== 0
    case 'json':
      return canonicalJson(textOf(stored))
    case 'text':
      return textOf(stored)
  }
}

function textOf(stored: unknown): string {
  return Buffer.isBuffer(stored) ? stored.toString('utf8') : String(stored)
}

/** Every table with state, parents first. */
export function readSqliteTables(database: BetterSqlite3.Database): readonly DumpTable[] {
  return parentsFirst(tableNames(database).map((name) => tableOf(database, name)))
}

function tableNames(database: BetterSqlite3.Database): readonly string[] {
  const rows = database
    .prepare<[], { name: string }>(`SELECT name FROM sqlite_schema WHERE type = 'table'`)
    .all()
  return rows.map(({ name }) => name).filter((name) => !name.startsWith('sqlite_') && !schemaTables.has(name))
}

function tableOf(database: BetterSqlite3.Database, name: string): DumpTable {
  const columns = database
    .prepare<[string], { name: string; type: string; pk: number }>(
      'SELECT name, type, pk FROM pragma_table_info(?)',
    )
    .all(name)
  const parents = database
    .prepare<[string], { parent: string }>(
      'SELECT DISTINCT "table" AS parent FROM pragma_foreign_key_list(?)',
    )
    .all(name)
  return {
    name,
    columns: columns
      .map((column) => ({ name: column.name, type: dumpTypeOf(column.type) }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    key: columns
      .filter(({ pk }) => pk > 0)
      .toSorted((a, b) => a.pk - b.pk)
      .map((column) => column.name),
    parents: parents.map(({ parent }) => parent).toSorted(),
  }
}

function newestMigration(database: BetterSqlite3.Database): string {
  const row = database
    .prepare<[], { name: string | null }>('SELECT max(migration_name) AS name FROM _prisma_migrations')
    .get()
  return row?.name ?? ''
}

function quoted(name: string): string {
  return `"${name}"`
}
