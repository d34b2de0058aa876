const turns = new Map<string, Promise<unknown>>()

/**
 * Runs what changes one service after what was asked of it before, in this process: so the tenth of ten equal requests finds what the
 * first made. What several processes do at once is decided by the database.
 */
export async function oneAtATime<T>(serviceUid: string, run: () => Promise<T>): Promise<T> {
  const before = turns.get(serviceUid) ?? Promise.resolve()
  const mine = before.then(run, run)
  turns.set(serviceUid, mine)
  try {
    return await mine
  } finally {
    if (turns.get(serviceUid) === mine) turns.delete(serviceUid)
  }
}
