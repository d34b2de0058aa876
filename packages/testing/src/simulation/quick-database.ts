import type { Clock } from '@skykeep/core/clock'
import { toDatabaseError } from '@skykeep/db/database-errors'
import { checkFence } from '@skykeep/db/fence'
import type { Database, Db, Tx } from '@skykeep/db/handles'
import { WriteQueue } from '@skykeep/db/write-queue'
import Sqlite from 'better-sqlite3'
import { Connection, quickClient } from './quick-client.ts'
import { readModels } from './quick-models.ts'

const lockWaitMs = 35_000

/**
 * The same database by a shorter way than Prisma's: for schedules by the hundred thousand, in which the client is what costs. It is a
 * real SQLite file with the same transactions; that both ways write the same is a test of its own.
 * @param slow the way by Prisma to the same file, which knows the schema.
 */
export function openQuickDatabase(file: string, slow: Database, clock: Clock): Database {
  const [reader, writer] = [open(file), open(file)]
  reader.pragma('query_only = ON')
  const models = readModels(slow.client, writer)
  const clientOn = (connection: Sqlite.Database): Db['client'] =>
    // The calls that this repository makes; any other fails by name.
    quickClient(new Connection(connection), models) as unknown as Db['client']
  const client = clientOn(reader)
  const writing = clientOn(writer)
  const queue = new WriteQueue(clock, lockWaitMs)
  const listeners = new Set<() => void>()
  const transaction: Database['transaction'] = async (fn, options = {}) => {
    const result = await queue.run(async () => {
      const fence = options.fence ?? null
      const tx: Tx = { kind: 'sqlite', clock, client: writing, isTransaction: true, fence }
      writer.exec('BEGIN IMMEDIATE')
      try {
        if (fence !== null) await checkFence(tx, fence)
        const value = await fn(tx)
        writer.exec('COMMIT')
        return value
      } catch (error) {
        if (writer.inTransaction) writer.exec('ROLLBACK')
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
      reader.close()
      writer.close()
    },
  }
}

function open(file: string): Sqlite.Database {
  const connection = new Sqlite(file)
  connection.pragma('journal_mode = WAL')
  connection.pragma('synchronous = OFF')
  connection.pragma('foreign_keys = ON')
  return connection
}
