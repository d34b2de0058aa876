import type { Client } from 'pg'
import { readTables } from './dump-postgresql.ts'
import type { Load } from './load.ts'
import { writerLock } from './postgresql-names.ts'
import { connectPostgresql } from './with-postgresql.ts'

/** The load of a PostgreSQL database. */
export async function openPostgresqlLoad(url: string): Promise<Load> {
  const client = await connectPostgresql(url)
  try {
    const tables = await readTables(client)
    const types = await readColumnTypes(client)
    await client.query('BEGIN')
    await client.query('SELECT pg_advisory_xact_lock($1::bigint)', [writerLock])
    return {
      tables,
      insert: async (name, columns, rows) => {
        const casts = columns.map((column, i) => `c${i}::${types.get(`${name}.${column}`) ?? 'text'}`)
        const sources = columns.map((_, i) => `$${i + 1}::text[]`)
        const aliases = columns.map((_, i) => `c${i}`)
        await client.query(
          `INSERT INTO "${name}" (${columns.map((column) => `"${column}"`).join(', ')})
           SELECT ${casts.join(', ')} FROM unnest(${sources.join(', ')}) AS given(${aliases.join(', ')})`,
          columns.map((_, i) => rows.map((row) => (row[i] === null ? null : String(row[i])))),
        )
      },
      commit: async () => void (await client.query('COMMIT')),
      close: async () => await client.end().catch(() => undefined),
    }
  } catch (error) {
    await client.end().catch(() => undefined)
    throw error
  }
}

/** By `table.column`, quoted where the type's name needs it. */
async function readColumnTypes(client: Client): Promise<ReadonlyMap<string, string>> {
  const { rows } = await client.query<{ column: string; type: string }>(
    `SELECT c.relname || '.' || a.attname AS "column", format_type(a.atttypid, a.atttypmod) AS type
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND a.attnum > 0 AND NOT a.attisdropped`,
  )
  return new Map(rows.map(({ column, type }) => [column, type]))
}
