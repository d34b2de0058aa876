import type { Database } from '@skykeep/db/handles'

const turns = new WeakMap<Database, Map<string, Promise<unknown>>>()

/**
 * Runs what changes one service after what was asked of it before, by way of this handle on the database: so the tenth of ten equal
 * requests to a process finds what the first made. What several processes do at once is decided by the database.
 */
export async function oneAtATime<T>(db: Database, serviceUid: string, run: () => Promise<T>): Promise<T> {
  const ofHandle = turns.get(db) ?? new Map<string, Promise<unknown>>()
  turns.set(db, ofHandle)
  const before = ofHandle.get(serviceUid) ?? Promise.resolve()
  const mine = before.then(run, run)
  ofHandle.set(serviceUid, mine)
  try {
    return await mine
  } finally {
    if (ofHandle.get(serviceUid) === mine) ofHandle.delete(serviceUid)
  }
}
