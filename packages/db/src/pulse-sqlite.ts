import BetterSqlite3 from 'better-sqlite3'
import { toDatabaseError } from './database-errors.ts'
import { sqliteFileOf } from './database-url.ts'
import { fencedError } from './fence.ts'
import { patiently } from './patience.ts'
import type { Pulse, PulseOptions } from './pulse.ts'

/** One connection; a lock of another process is waited for without blocking the event loop. */
export function sqlitePulse({ url, clock, fence, lockWaitMs }: Required<PulseOptions>): Pulse {
  const connection = new BetterSqlite3(sqliteFileOf(url), { timeout: 0, fileMustExist: true })
  connection.pragma('synchronous = FULL')
  const fenceNow = connection.prepare<[], { readonly fence: number }>(
    'SELECT fence FROM installation WHERE id = 1',
  )
  const renewing = connection.prepare(
    `UPDATE reconciliations SET lease_counter = lease_counter + 1, lease_seen_at_ms = ?
     WHERE uid = ? AND kind = ? AND lease_token = ? AND lease_owner IS NOT NULL`,
  )
  const beating = connection.prepare(
    'UPDATE planes SET heartbeat_counter = heartbeat_counter + 1, heartbeat_at_ms = ? WHERE uid = ?',
  )
  const transaction = connection.transaction((statement: BetterSqlite3.Statement, values: unknown[]) => {
    const found = fenceNow.get()?.fence
    if (found !== fence) throw fencedError(fence, found)
    return statement.run(...values).changes === 1
  })
  const write = async (statement: BetterSqlite3.Statement, ...values: unknown[]): Promise<boolean> => {
    try {
      return await patiently({ clock, waitMs: lockWaitMs }, async () =>
        transaction.immediate(statement, values),
      )
    } catch (error) {
      throw toDatabaseError(error)
    }
  }
  return {
    renew: ({ uid, kind, token }) => write(renewing, clock.now(), uid, kind, token),
    beatPlane: (uid) => write(beating, clock.now(), uid),
    close: async () => void connection.close(),
  }
}
