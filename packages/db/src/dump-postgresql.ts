import type { Client } from 'pg'
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
import { connectPostgresql } from './with-postgresql.ts'

const rowsAtOnce = 1000

/**
 * Reads in one REPEATABLE READ transaction on a connection of its own. It blocks nobody; until it ends, VACUUM keeps the row versions that were
 * replaced meanwhile.
 */
export async function openPostgresqlDump(url: string): Promise<Dump> {
  const client = await connectPostgresql(url, { application_name: 'skykeep backup' })
  try {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
    const tables = parentsFirst(await readTables(client))
    const { rows } = await client.query<{ name: string | null }>(
      'SELECT max(migration_name) AS name FROM _prisma_migrations',
    )
    return {
      kind: 'postgresql',
      migration: rows[0]?.name ?? '',
      tables,
      count: async ({ name }) => {
        const counted = await client.query<{ n: string }>(`SELECT count(*) AS n FROM "${name}"`)
        return Number(counted.rows[0]?.n ?? 0)
      },
      rows: (table) => rowsOf(client, table),
      close: async () => await client.end().catch(() => undefined),
    }
  } catch (error) {
    await client.end().catch(() => undefined)
    throw error
  }
}

async function* rowsOf(client: Client, table: DumpTable): AsyncIterable<string> {
  // As text: exact for every type, whatever the driver makes of it.
  const names = table.columns.map(({ name }) => `"${name}"::text`).join(', ')
  const types = new Map(table.columns.map(({ name, type }) => [name, type]))
  const order = table.key
    // Of the table, not of the output: there every column is text.
    .map((name) => (types.get(name) === 'text' ? `t."${name}"::text COLLATE "C"` : `t."${name}"`))
    .join(', ')
  await client.query(
    `DECLARE dump NO SCROLL CURSOR FOR SELECT ${names} FROM "${table.name}" AS t ORDER BY ${order}`,
  )
  try {
    for (;;) {
      const { rows } = await client.query<(string | null)[]>({
        text: `FETCH ${rowsAtOnce} FROM dump`,
        rowMode: 'array',
      })
      for (const row of rows) {
        yield encodeRow(
          table,
          table.columns.map(({ type }, i) => valueOf(type, row[i] ?? null)),
        )
      }
      if (rows.length < rowsAtOnce) break
    }
  } finally {
    // Also when the reader has seen enough.
    await client.query('CLOSE dump').catch(() => undefined)
  }
}

function valueOf(type: DumpColumn['type'], stored: string | null): DumpValue {
  if (stored === null) return null
  switch (type) {
    case 'integer':
    case 'real':
      return Number(stored)
    case 'boolean':
      return stored === 'true'
    case 'json':
      return canonicalJson(stored)
    case 'bigint':
    case 'text':
      return stored
  }
}

/** The tables of the connection's own schema. @param client inside or outside a transaction. */
export async function readTables(client: Client): Promise<readonly DumpTable[]> {
  const columns = await client.query<{ table: string; name: string; type: string }>(
    `SELECT c.relname AS "table", a.attname AS name, format_type(a.atttypid, NULL) AS type
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND a.attnum > 0 AND NOT a.attisdropped`,
  )
  const constraints = await client.query<{
    table: string
    kind: string
    parent: string | null
    key: string[]
  }>(
    `SELECT c.relname AS "table", k.contype AS kind, p.relname AS parent,
       ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS u(num, at)
         JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.num ORDER BY u.at) AS key
     FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid LEFT JOIN pg_class p ON p.oid = k.confrelid
     WHERE k.connamespace = current_schema()::regnamespace AND k.contype IN ('p', 'f')`,
  )
  const names = [...new Set(columns.rows.map(({ table }) => table))].filter((name) => !schemaTables.has(name))
  return names.map((name) => {
    const own = constraints.rows.filter(({ table }) => table === name)
    return {
      name,
      columns: columns.rows
        .filter(({ table }) => table === name)
        .map((column) => ({ name: column.name, type: dumpTypeOf(column.type) }))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      key: own.find(({ kind }) => kind === 'p')?.key ?? [],
      parents: [...new Set(own.flatMap(({ parent }) => parent ?? []))].toSorted(),
    }
  })
}
