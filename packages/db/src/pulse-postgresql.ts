import { Pool, type PoolClient } from 'pg'
import { toDatabaseError } from './database-errors.ts'
import { fencedError } from './fence.ts'
import { writerLock } from './postgresql-names.ts'
import type { Pulse, PulseOptions } from './pulse.ts'

/** One connection, made again when it is lost. */
export function postgresqlPulse({ url, clock, fence, lockWaitMs }: Required<PulseOptions>): Pulse {
  const pool = new Pool({
    connectionString: url,
    max: 1,
    application_name: 'skykeep pulse',
    connectionTimeoutMillis: 10_000,
    lock_timeout: lockWaitMs,
    idle_in_transaction_session_timeout: 10_000,
  })
  // A connection that breaks while nobody uses it is made again by the next write.
  pool.on('error', () => undefined)
  const write = async (sql: string, values: readonly unknown[]): Promise<boolean> => {
    let client: PoolClient | undefined
    try {
      client = await pool.connect()
      await client.query('BEGIN')
      await client.query('SELECT pg_advisory_xact_lock($1)', [writerLock])
      const { rows } = await client.query<{ fence: number }>('SELECT fence FROM installation WHERE id = 1')
      if (rows[0]?.fence !== fence) throw fencedError(fence, rows[0]?.fence)
      const { rowCount } = await client.query(sql, [...values])
      await client.query('COMMIT')
      client.release()
      return rowCount === 1
    } catch (error) {
      // The connection goes with its transaction: nothing of it is left.
      client?.release(true)
      throw toDatabaseError(error)
    }
  }
  return {
    renew: ({ uid, kind, token }) =>
      write(
        `UPDATE reconciliations SET lease_counter = lease_counter + 1, lease_seen_at_ms = $1
         WHERE uid = $2 AND kind = $3 AND lease_token = $4 AND lease_owner IS NOT NULL`,
        [clock.now(), uid, kind, token],
      ),
    beatPlane: (uid) =>
      write(
        'UPDATE planes SET heartbeat_counter = heartbeat_counter + 1, heartbeat_at_ms = $1 WHERE uid = $2',
        [clock.now(), uid],
      ),
    close: async () => await pool.end(),
  }
}
