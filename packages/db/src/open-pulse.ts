import { databaseKindOf } from './database-url.ts'
import type { Pulse, PulseOptions } from './pulse.ts'

/** Opens a migrated database for heartbeats alone. */
export async function openPulse(options: PulseOptions): Promise<Pulse> {
  const all = { ...options, lockWaitMs: options.lockWaitMs ?? 35_000 }
  if (databaseKindOf(options.url) === 'sqlite') return (await import('./pulse-sqlite.ts')).sqlitePulse(all)
  return (await import('./pulse-postgresql.ts')).postgresqlPulse(all)
}
