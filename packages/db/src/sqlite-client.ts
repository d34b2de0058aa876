import type { ClientOptions, ClientRole } from './client-options.ts'
import { sqliteFileOf } from './database-url.ts'
import { PrismaClient } from './generated/sqlite/client.ts'
import { SqliteAdapterFactory } from './sqlite-adapter.ts'

export function createSqliteClient(options: ClientOptions, role: ClientRole): PrismaClient {
  const adapter = new SqliteAdapterFactory({
    file: sqliteFileOf(options.url),
    isReader: role === 'reader',
    clock: options.clock,
    waitMs: options.lockWaitMs,
  })
  return new PrismaClient({ adapter, errorFormat: 'minimal' })
}
