import type { Clock } from '@skykeep/core/clock'
import { openDatabase } from '@skykeep/db/connect'
import { appendEvent } from '@skykeep/db/events'
import { getInstallation } from '@skykeep/db/installation'
import type { BackupResult } from './back-up.ts'

/** Notes a finished backup in the log of events. @throws what the database throws: the backup is whole all the same. */
export async function recordBackup(databaseUrl: string, clock: Clock, result: BackupResult): Promise<void> {
  const database = await openDatabase({ url: databaseUrl, clock })
  try {
    const { uid, fence } = await getInstallation(database)
    const { file, bytes, manifest } = result
    await database.transaction(
      (tx) =>
        appendEvent(tx, {
          kind: 'system',
          uid,
          type: 'state.backed-up',
          message: `The state was backed up to ${file}.`,
          payload: { file, bytes, rows: manifest.tables.reduce((sum, { rows }) => sum + rows, 0) },
          actor: 'command line',
        }),
      { fence },
    )
  } finally {
    await database.close()
  }
}
