import { Client, type ClientConfig } from 'pg'

/** A PostgreSQL connection of one's own; the caller ends it. */
export async function connectPostgresql(
  url: string,
  settings: Pick<ClientConfig, 'application_name' | 'lock_timeout'> = {},
): Promise<Client> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000, ...settings })
  // A connection that breaks fails the statement in flight; without a listener it would end the process.
  client.on('error', () => undefined)
  await client.connect()
  return client
}

/** Runs `work` on a connection of its own, which is ended afterwards. */
export async function withPostgresql<T>(
  url: string,
  work: (client: Client) => Promise<T>,
  settings: Parameters<typeof connectPostgresql>[1] = {},
): Promise<T> {
  const client = await connectPostgresql(url, settings)
  try {
    return await work(client)
  } finally {
    await client.end().catch(() => undefined)
  }
}

/** The same, in one transaction: all of it or nothing. */
export function inPostgresqlTransaction<T>(
  url: string,
  work: (client: Client) => Promise<T>,
  settings: Parameters<typeof connectPostgresql>[1] = {},
): Promise<T> {
  return withPostgresql(
    url,
    async (client) => {
      try {
        await client.query('BEGIN')
        const result = await work(client)
        await client.query('COMMIT')
        return result
      } catch (error) {
        await client.query('ROLLBACK').catch(() => undefined)
        throw error
      }
    },
    settings,
  )
}
