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
  const kept = new Map<string, BetterSqlite3.Statement<unknown[]>>()
  const statementOf = (sql: string): BetterSqlite3.Statement<unknown[]> => {
    const known = kept.get(sql)
    const statement = known ?? prepare<unknown[]>(sql)
    // Last in the order: the first is the one that was not used for the longest time.
    kept.delete(sql)
    kept.set(sql, statement)
    const [oldest] = kept.keys()
    if (kept.size > keptStatements && oldest !== undefined) kept.delete(oldest)
    return statement
  }
  Object.defineProperty(client, 'prepare', { value: (sql: string) => bindable(statementOf(sql)) })
}

/** A statement can be bound for good only once: the parameters go along with each run instead. */
function bindable(statement: BetterSqlite3.Statement<unknown[]>): object {
  return {
    bind: (parameters: readonly unknown[]) => ({
      reader: statement.reader,
      columns: () => statement.columns(),
      run: () => statement.run(...parameters),
      raw: () => ({ all: () => statement.raw().all(...parameters) }),
    }),
  }
}
