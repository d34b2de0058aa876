import type { DatabaseKind } from './database-url.ts'

/** How a column's values stand in a dump, whatever the database. */
export type DumpType = 'text' | 'integer' | 'bigint' | 'real' | 'boolean' | 'json'

export interface DumpColumn {
  readonly name: string
  readonly type: DumpType
}

/** One table as a dump holds it. */
export interface DumpTable {
  readonly name: string
  /** By name. */
  readonly columns: readonly DumpColumn[]
  /** The columns of its primary key: the order of its rows. */
  readonly key: readonly string[]
  /** Tables that its rows refer to. */
  readonly parents: readonly string[]
}

/** One consistent look at a whole database: whatever is committed after it was opened is not in it. */
export interface Dump {
  readonly kind: DatabaseKind
  /** Newest migration that was applied. */
  readonly migration: string
  /** Every table with state, parents first. */
  readonly tables: readonly DumpTable[]
  count(table: DumpTable): Promise<number>
  /** The rows of a table in the order of its key, each as one line of JSON without its line end. */
  rows(table: DumpTable): AsyncIterable<string>
  close(): Promise<void>
}

/** A value as it stands in a dump: 64-bit numbers and JSON as text, so that nothing is rounded. */
export type DumpValue = string | number | boolean | null

/** Tables of the schema itself: the migrations of the target write them. */
export const schemaTables: ReadonlySet<string> = new Set(['_prisma_migrations', 'schema_support'])

/** Parents before children, by name among equals: rows loaded in this order never lack what they refer to. */
export function parentsFirst(tables: readonly DumpTable[]): readonly DumpTable[] {
  const left = new Map(
    tables.toSorted((a, b) => (a.name < b.name ? -1 : 1)).map((table) => [table.name, table]),
  )
  const sorted: DumpTable[] = []
  while (left.size > 0) {
    const free = [...left.values()].filter((table) =>
      table.parents.every((parent) => parent === table.name || !left.has(parent)),
    )
    // A cycle would leave none: then the order is as good as any other.
    for (const table of free.length > 0 ? free : [...left.values()]) {
      sorted.push(table)
      left.delete(table.name)
    }
  }
  return sorted
}

/** The type of a declared column type of either database; enums and texts are text. */
export function dumpTypeOf(declared: string): DumpType {
  switch (declared.toLowerCase()) {
    case 'integer':
      return 'integer'
    case 'bigint':
      return 'bigint'
    case 'real':
    case 'double precision':
      return 'real'
    case 'boolean':
      return 'boolean'
    case 'json':
    case 'jsonb':
      return 'json'
    default:
      return 'text'
  }
}

/** One row as one line of JSON, its columns in the table's order: the same for the same row on either database. */
export function encodeRow({ columns }: DumpTable, values: readonly DumpValue[]): string {
  return JSON.stringify(Object.fromEntries(columns.map(({ name }, i) => [name, values[i] ?? null])))
}

/** JSON text with the keys of every object in order: jsonb keeps no order of its own. */
export function canonicalJson(text: string): string {
  return JSON.stringify(sorted(JSON.parse(text)))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}
