import BetterSqlite3 from 'better-sqlite3'
import type { SqlDriverAdapter } from '@prisma/driver-adapter-utils'

/** Statements that one connection keeps: more than there are kinds of queries, without the lists of many lengths. */
const keptStatements = 120

/**
 * Makes the stock adapter's connection keep what it prepares. On its own it prepares every query anew, and what it prepared (35 KB each,
 * measured) lives until a full garbage collection, which knows nothing of its size: an idle process grew by 100 MB in an hour.
 */
export function keepStatements(connection: SqlDriverAdapter): void {
  const client: unknown = Reflect.get(connection, 'client')
  // Whatever else a later adapter may hold there works as it is.
  if (!(client instanceof BetterSqlite3)) return
  const prepare = client.prepare.bind(client)
  const kept = new Map<string, object>()
  const bindableOf = (sql: string): object => {
    const known = kept.get(sql)
    if (known !== undefined && kept.size < keptStatements) return known
    const bindable = known ?? toBindable(prepare<unknown[]>(sql))
    // Last in the order: the first is the one that was not used for the longest time.
    kept.delete(sql)
    kept.set(sql, bindable)
    const [oldest] = kept.keys()
    if (kept.size > keptStatements && oldest !== undefined) kept.delete(oldest)
    return bindable
  }
  Object.defineProperty(client, 'prepare', { value: bindableOf })
}

/** A statement can be bound for good only once: the parameters go along with each run instead. */
function toBindable(statement: BetterSqlite3.Statement<unknown[]>): object {
  const { reader } = statement
  const raw = reader ? statement.raw() : statement
  // Names and declared types: those of the columns that a query of ours names do not change under it.
  let columns: BetterSqlite3.ColumnDefinition[] | undefined
  return {
    bind: (parameters: readonly unknown[]) => ({
      reader,
      columns: () => (columns ??= statement.columns()),
      run: () => statement.run(...parameters),
      raw: () => ({ all: () => raw.all(...parameters) }),
    }),
  }
}
