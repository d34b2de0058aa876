import type { DumpTable, DumpValue } from './dump-table.ts'

/** One transaction that fills a migrated, otherwise empty database from a dump. */
export interface Load {
  /** The tables of the target, by its own migrations. */
  readonly tables: readonly DumpTable[]
  /** Rows of one table, each in the order of `columns`. Parents come first. */
  insert(table: string, columns: readonly string[], rows: readonly (readonly DumpValue[])[]): Promise<void>
  /** @throws CONFLICT when rows refer to rows that are not there; nothing is kept then. */
  commit(): Promise<void>
  /** Closes the connection; what was not committed is gone. */
  close(): Promise<void>
}
