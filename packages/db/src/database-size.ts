import type { Db } from './handles.ts'

/** What the database takes, bytes: SQLite's pages without its write-ahead log, PostgreSQL's files of this one database. */
export async function databaseBytes({ kind, client }: Db): Promise<number> {
  const rows =
    kind === 'sqlite'
      ? await client.$queryRaw<{ n: bigint }[]>`
          SELECT page_count * page_size AS "n" FROM pragma_page_count(), pragma_page_size()`
      : await client.$queryRaw<{ n: bigint }[]>`SELECT pg_database_size(current_database()) AS "n"`
  return Number(rows[0]?.n ?? 0)
}
