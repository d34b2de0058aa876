import { PrismaPg } from '@prisma/adapter-pg'
import type { ClientOptions, ClientRole } from './client-options.ts'
import { PrismaClient as PostgresqlClient } from './generated/postgresql/client.ts'
import type { PrismaClient } from './generated/sqlite/client.ts'

export function createPostgresqlClient(options: ClientOptions, role: ClientRole): PrismaClient {
  const settings =
    role === 'writer'
      ? // A process stopped inside a transaction loses it, so that it blocks the other writers only so long.
        `-c lock_timeout=${options.lockWaitMs} -c idle_in_transaction_session_timeout=${options.transactionMs} -c default_transaction_isolation=read\\ committed`
      : // No read lasts longer than a second (invariant 15).
        '-c default_transaction_read_only=on -c statement_timeout=1000'
  const adapter = new PrismaPg({
    connectionString: options.url,
    max: role === 'writer' ? 1 : 9,
    options: settings,
    application_name: `skykeep ${role}`,
    connectionTimeoutMillis: 10_000,
  })
  // Both clients come from one schema; SQLite's types are the smaller of the two.
  return new PostgresqlClient({ adapter, errorFormat: 'minimal' }) as unknown as PrismaClient
}
