import type { Clock } from '@skykeep/core/clock'
import type { EventPayload } from '@skykeep/core/events'
import { openDatabase } from '@skykeep/db/connect'
import { appendEvent } from '@skykeep/db/events'
import { getInstallation } from '@skykeep/db/installation'

export interface StateEvent {
  readonly type: 'state.backed-up' | 'state.verified' | 'state.failed' | 'state.moved'
  /** A short machine word, or nothing. */
  readonly reason?: string
  readonly message: string
  readonly payload: EventPayload
  /** Whose wish it was: a user's uid; nothing: whoever sat at the terminal. */
  readonly actor?: string | undefined
}

/** Notes in the log of events what was done to the state. @throws what the database throws: it is done all the same. */
export async function recordEvent(
  databaseUrl: string,
  clock: Clock,
  { actor = 'command line', ...event }: StateEvent,
): Promise<void> {
  const database = await openDatabase({ url: databaseUrl, clock })
  try {
    const { uid, fence } = await getInstallation(database)
    const more = { kind: 'system', uid, actor } as const
    await database.transaction((tx) => appendEvent(tx, { ...event, ...more }), { fence })
  } finally {
    await database.close()
  }
}
