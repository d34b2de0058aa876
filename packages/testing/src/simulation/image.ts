import { rmSync } from 'node:fs'
import Sqlite from 'better-sqlite3'
import { quickTables, type QuickTables } from './quick-tables.ts'

/** Tables that no run changes. */
const kept = new Set(['_prisma_migrations', 'schema_support'])

/** A test's own way to a SQLite database beside the one that is tested: reads cheaply, takes images and puts them back. */
export class SideDoor {
  readonly #connection: Sqlite.Database
  readonly #statements = new Map<string, Sqlite.Statement>()
  readonly #tables: readonly string[]
  /** Null where others write too. */
  readonly #quick: QuickTables | null

  /** @param place a file, or the only connection to what is in memory. */
  constructor(place: string | Sqlite.Database) {
    this.#connection = typeof place === 'string' ? new Sqlite(place) : place
    this.#connection.pragma('synchronous = OFF')
    this.#quick = typeof place === 'string' ? null : quickTables(place)
    const names = this.all<{ name: string }>(
      `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`,
    )
    this.#tables = names.map(({ name }) => name).filter((name) => !kept.has(name))
  }

  /** Rows of a query; numbers as numbers. The caller says what they look like. */
  all<Row>(sql: string, ...values: readonly (string | number)[]): readonly Row[] {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#connection.prepare(sql)
      this.#statements.set(sql, statement)
    }
    // SQLite tells no types: the caller has written the query.
    return statement.all(...values) as readonly Row[]
  }

  /** All rows of a table, by column, for what is asked at every step. The caller says what they look like. */
  rows<Row>(table: string): readonly Row[] {
    return (this.#quick?.rows(table) as readonly Row[] | undefined) ?? this.all(`SELECT * FROM "${table}"`)
  }

  /** Writes the whole content to a new file. */
  takeImage(file: string): void {
    rmSync(file, { force: true })
    this.#connection.exec(`VACUUM INTO '${file}'`)
  }

  /** Puts an image's content in the place of what is there. No transaction may be open. */
  putBack(file: string): void {
    const copies = this.#tables.map(
      (name) => `DELETE FROM main."${name}"; INSERT INTO main."${name}" SELECT * FROM image."${name}";`,
    )
    this.#connection.exec(`PRAGMA foreign_keys = OFF; ATTACH '${file}' AS image`)
    try {
      this.#connection.exec(`BEGIN IMMEDIATE; ${copies.join(' ')} COMMIT`)
    } finally {
      this.#connection.exec('DETACH image; PRAGMA foreign_keys = ON')
      this.#quick?.forget()
    }
  }

  close(): void {
    this.#connection.close()
  }
}
