import type { SkykeepEvent } from '@skykeep/core/events'
import type { ActorNames } from '@skykeep/core/event-views'
import type { Db } from '@skykeep/db/handles'
import { userNames } from '@skykeep/db/users'

/** The names of the people who did these. */
export async function actorNamesOf(db: Db, events: readonly SkykeepEvent[]): Promise<ActorNames> {
  return Object.fromEntries(
    await userNames(
      db,
      events.map(({ actor }) => actor),
    ),
  )
}
