import { startPostgres } from '../../packages/tooling/src/test/postgres.ts'

/** A PostgreSQL of its own; undefined where SQLite is asked for. Throws where there is none to be had. */
export async function startServer(
  isWanted: boolean,
): Promise<{ readonly url: string; stop(): Promise<void> } | undefined> {
  if (!isWanted) return undefined
  const server = await startPostgres()
  if ('reason' in server) throw new Error(server.reason)
  return { url: `${server.url}/postgres`, stop: server.stop }
}
