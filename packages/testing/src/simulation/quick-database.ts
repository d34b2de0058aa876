import type { Clock } from '@skykeep/core/clock'
import { toDatabaseError } from '@skykeep/db/database-errors'
import { checkFence } from '@skykeep/db/fence'
import type { Database, Db, Tx } from '@skykeep/db/handles'
import { WriteQueue } from '@skykeep/db/write-queue'
import { readFileSync } from 'node:fs'
import Sqlite from 'better-sqlite3'
import { quickClient } from './quick-client.ts'
import { readModels } from './quick-models.ts'
import { quickTables } from './quick-tables.ts'

const lockWaitMs = 35_000

/**
 * The same database by a shorter way than Prisma's: for schedules by the hundred thousand, in which the client and the file are what costs.
 * It is a real SQLite with the same transactions, in memory; that both ways write the same is a test of its own.
 * @param file where its content begins; not in WAL mode, and never written.
 * @param slow the way by Prisma to the same schema, which it knows.
 * @returns with the only connection to it: whoever reads beside an open transaction is refused, where a file would show what was before.
 */
export function openQuickDatabase(
  file: string,
  slow: Database,
  clock: Clock,
): { readonly database: Database; readonly connection: Sqlite.Database } {
  const connection = new Sqlite(readFileSync(file))
  connection.pragma('foreign_keys = ON')
  dropPlainIndexes(connection)
  return { database: quickDatabase(connection, slow, clock), connection }
}

/** With a few rows in each table they only cost. What must be unique stays so. */
function dropPlainIndexes(connection: Sqlite.Database): void {
  const indexes = connection.prepare(
    `SELECT name FROM sqlite_master WHERE type = 'index' AND sql NOT LIKE 'CREATE UNIQUE%'`,
  )
  // The one column that the query asks for.
  for (const { name } of indexes.all() as { name: string }[]) connection.exec(`DROP INDEX "${name}"`)
}

function quickDatabase(connection: Sqlite.Database, slow: Database, clock: Clock): Database {
  const models = readModels(slow.client, connection)
  const tables = quickTables(connection)
  // The calls that this repository makes; any other fails by name.
  const client = quickClient(tables, models, { isReader: true }) as unknown as Db['client']
  const writing = quickClient(tables, models) as unknown as Db['client']
  const [begin, commit] = [connection.prepare('BEGIN IMMEDIATE'), connection.prepare('COMMIT')]
  const queue = new WriteQueue(clock, lockWaitMs)
  const listeners = new Set<() => void>()
  const transaction: Database['transaction'] = async (fn, options = {}) => {
    const result = await queue.run(async () => {
      const fence = options.fence ?? null
      const tx: Tx = { kind: 'sqlite', clock, client: writing, isTransaction: true, fence }
      begin.run()
      try {
        if (fence !== null) await checkFence(tx, fence)
        const value = await fn(tx)
        commit.run()
        return value
      } catch (error) {
        if (connection.inTransaction) connection.exec('ROLLBACK')
        tables.forget()
        throw toDatabaseError(error)
      }
    })
    for (const listener of listeners) listener()
    return result
  }
  return {
    kind: 'sqlite',
    clock,
    client,
    transaction,
    onCommit: (listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    close: async () => {
      await queue.idle()
      connection.close()
    },
  }
}
