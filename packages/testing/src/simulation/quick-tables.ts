import type Sqlite from 'better-sqlite3'

export type Parameter = string | number | bigint | null
/** A row as SQLite keeps it, by column. Nobody changes it. */
export type Row = Readonly<Record<string, unknown>>

interface Table {
  /** In the order in which SQLite would find them. */
  readonly rows: Row[]
  /** Place in `rows` by primary key. */
  readonly places: Map<string, number>
}

/**
 * The rows of a database that one connection alone writes, as they are now: read once, then kept in step with what each statement says that it
 * wrote. What is not certain (a rollback, a statement of somebody else's) is read again.
 */
export class QuickTables {
  readonly #database: Sqlite.Database
  readonly #statements = new Map<string, Sqlite.Statement>()
  readonly #tables = new Map<string, Table>()
  readonly #keys = new Map<string, readonly string[]>()
  readonly #parents: ReadonlySet<string>

  constructor(database: Sqlite.Database) {
    this.#database = database
    // The one column that each query asks for.
    const names = database
      .prepare(`SELECT name FROM sqlite_master WHERE type = 'table'`)
      .pluck()
      .all() as string[]
    const parents = names.flatMap(
      (name) => database.pragma(`foreign_key_list("${name}")`) as { table: string }[],
    )
    this.#parents = new Set(parents.map(({ table }) => table))
    if (database.prepare(`SELECT 1 FROM sqlite_master WHERE type = 'trigger'`).get() !== undefined)
      throw new Error('a trigger writes rows that no statement tells of')
  }

  get inTransaction(): boolean {
    return this.#database.inTransaction
  }

  rows(table: string): readonly Row[] {
    return this.#table(table).rows
  }

  /** The row with this primary key, of one column. */
  row(table: string, key: Parameter): Row | undefined {
    const { rows, places } = this.#table(table)
    const place = places.get(String(key))
    return place === undefined ? undefined : rows[place]
  }

  /** The column that is the primary key; null when several are. */
  keyColumn(table: string): string | null {
    const [column, ...others] = this.#keyColumns(table)
    return column !== undefined && others.length === 0 ? column : null
  }

  insert(table: string, columns: readonly string[], values: readonly Parameter[]): Row {
    const names = columns.map((column) => `"${column}"`).join(', ')
    const marks = columns.map(() => '?').join(', ')
    const row = this.#write(`INSERT INTO "${table}" (${names}) VALUES (${marks}) RETURNING *`, values)
    if (row === undefined) throw new Error(`nothing was inserted into ${table}`)
    const known = this.#tables.get(table)
    if (known !== undefined) {
      known.places.set(this.#keyOf(table, row), known.rows.length)
      known.rows.push(row)
    }
    return row
  }

  /** @param changes as SQL, such as `"count" = "count" + ?`. */
  update(table: string, before: Row, changes: readonly string[], values: readonly Parameter[]): Row {
    const { condition, keys } = this.#byKey(table, before)
    const sql = `UPDATE "${table}" SET ${changes.join(', ')} WHERE ${condition} RETURNING *`
    const row = this.#write(sql, [...values, ...keys])
    if (row === undefined) throw new Error(`a row of ${table} is gone`)
    const known = this.#tables.get(table)
    const place = known?.places.get(this.#keyOf(table, before))
    if (known !== undefined && place !== undefined && this.#keyOf(table, row) === this.#keyOf(table, before))
      known.rows[place] = row
    else this.#tables.delete(table)
    return row
  }

  delete(table: string, row: Row): void {
    const { condition, keys } = this.#byKey(table, row)
    this.#write(`DELETE FROM "${table}" WHERE ${condition} RETURNING *`, keys)
    // Rows that refer to it may have gone with it.
    if (this.#parents.has(table)) this.forget()
    else this.#tables.delete(table)
  }

  /** Any other statement. @returns how many rows it changed. */
  run(sql: string, values: readonly Parameter[]): number {
    const { changes } = this.#statement(sql).run(...values)
    this.forget()
    return changes
  }

  /** Anything may have changed. */
  forget(): void {
    this.#tables.clear()
  }

  #table(name: string): Table {
    const known = this.#tables.get(name)
    if (known !== undefined) return known
    // Rows of any table.
    const rows = this.#statement(`SELECT * FROM "${name}" ORDER BY rowid`).all() as Row[]
    const places = new Map(rows.map((row, place) => [this.#keyOf(name, row), place]))
    const table = { rows, places }
    this.#tables.set(name, table)
    return table
  }

  #keyColumns(table: string): readonly string[] {
    const known = this.#keys.get(table)
    if (known !== undefined) return known
    // The columns of SQLite's own pragma.
    const columns = this.#database.pragma(`table_info("${table}")`) as { name: string; pk: number }[]
    const keys = columns.filter(({ pk }) => pk > 0).map(({ name }) => name)
    this.#keys.set(table, keys)
    return keys
  }

  #keyOf(table: string, row: Row): string {
    const [column, ...others] = this.#keyColumns(table)
    if (column === undefined) throw new Error(`${table} has no primary key`)
    const first = String(row[column])
    return others.length === 0 ? first : [first, ...others.map((other) => String(row[other]))].join('\n')
  }

  #byKey(table: string, row: Row): { readonly condition: string; readonly keys: readonly Parameter[] } {
    const columns = this.#keyColumns(table)
    return {
      condition: columns.map((column) => `"${column}" = ?`).join(' AND '),
      // Keys of rows as SQLite gave them.
      keys: columns.map((column) => row[column] as Parameter),
    }
  }

  #write(sql: string, values: readonly Parameter[]): Row | undefined {
    try {
      // A row of any table.
      return this.#statement(sql).get(...values) as Row | undefined
    } catch (error) {
      const code: unknown = Reflect.get(Object(error), 'code')
      const isTaken = code === 'SQLITE_CONSTRAINT_UNIQUE' || code === 'SQLITE_CONSTRAINT_PRIMARYKEY'
      throw isTaken
        ? Object.assign(new Error('a row with that key exists', { cause: error }), { code: 'P2002' })
        : error
    }
  }

  #statement(sql: string): Sqlite.Statement {
    const known = this.#statements.get(sql) ?? this.#database.prepare(sql)
    this.#statements.set(sql, known)
    return known
  }
}

const ofDatabases = new WeakMap<Sqlite.Database, QuickTables>()

/** The tables of a database whose only connection this is: the same ones for everybody. */
export function quickTables(database: Sqlite.Database): QuickTables {
  const known = ofDatabases.get(database) ?? new QuickTables(database)
  ofDatabases.set(database, known)
  return known
}
