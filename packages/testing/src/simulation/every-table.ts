import BetterSqlite3 from 'better-sqlite3'

interface Column {
  readonly name: string
  readonly type: string
}

/** What a SQLite file holds, as far as a migration may not change it. */
export interface FileState {
  /** Rows, by table. */
  readonly counts: ReadonlyMap<string, number>
  readonly migration: string
  /** `ok`, or what is damaged. */
  readonly integrity: string
}

/** Every table gets one row: texts are all the same, so that each reference finds its row. */
export function fillEveryTable(file: string): void {
  const database = new BetterSqlite3(file)
  database.pragma('foreign_keys = OFF')
  try {
    for (const table of tablesOf(database)) {
      const columns = database
        .prepare<[string], Column>('SELECT name, type FROM pragma_table_info(?)')
        .all(table)
      const list = columns.map(({ name }) => `"${name}"`).join(', ')
      const marks = columns.map(() => '?').join(', ')
      database
        .prepare(`INSERT OR IGNORE INTO "${table}" (${list}) VALUES (${marks})`)
        .run(columns.map(({ type }) => (/TEXT/i.test(type) ? 'x' : /JSON/i.test(type) ? '{}' : 1)))
    }
  } finally {
    database.close()
  }
}

/** Looks at a file that nobody has open. */
export function stateOfFile(file: string): FileState {
  const database = new BetterSqlite3(file)
  try {
    const integrity: unknown = database.pragma('integrity_check', { simple: true })
    const last = database
      .prepare<[], { name: string | null }>('SELECT max(migration_name) AS name FROM _prisma_migrations')
      .get()
    return {
      counts: new Map(tablesOf(database).map((table) => [table, countOf(database, table)])),
      migration: last?.name ?? '',
      integrity: String(integrity),
    }
  } finally {
    database.close()
  }
}

function tablesOf(database: BetterSqlite3.Database): readonly string[] {
  return database
    .prepare<[], { name: string }>(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> '_prisma_migrations'`,
    )
    .all()
    .map(({ name }) => name)
}

function countOf(database: BetterSqlite3.Database, table: string): number {
  return database.prepare<[], { n: number }>(`SELECT count(*) AS n FROM "${table}"`).get()?.n ?? 0
}
