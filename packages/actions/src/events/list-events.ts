import type { EventPageView } from '@skykeep/core/event-views'
import { countEvents, listEvents as readEvents } from '@skykeep/db/events'
import { actorNamesOf } from './actor-names.ts'
import { eventFilterOf } from './event-filter-of.ts'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import type { ListEventsInput } from './schemas.ts'

/**
 * One page of the log: oldest first with `afterSeq`, else newest first. `nextCursor` is the number to pass as `afterSeq` or `beforeSeq`;
 * `total` counts every event that is kept, whatever the filter. Throws CURSOR_TOO_OLD.
 */
export async function listEvents(context: ActionContext, input: ListEventsInput): Promise<EventPageView> {
  authorize(context.actor, 'event:read')
  const items = await readEvents(context.db, await eventFilterOf(context.db, input))
  const last = items.at(-1)
  const hasMore = items.length === input.limit && last !== undefined
  return {
    items,
    nextCursor: hasMore ? String(last.seq) : null,
    total: await countEvents(context.db),
    actorNames: await actorNamesOf(context.db, items),
  }
}
