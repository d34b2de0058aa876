import type { EventView, Page } from '@skykeep/core/views'
import { countEvents, listEvents as readEvents } from '@skykeep/db/events'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import type { ListEventsInput } from './schemas.ts'

/**
 * One page of the log: oldest first with `afterSeq`, else newest first. `nextCursor` is the number to pass as `afterSeq` or `beforeSeq`;
 * `total` counts every event that is kept, whatever the filter. Throws CURSOR_TOO_OLD.
 */
export async function listEvents(context: ActionContext, input: ListEventsInput): Promise<Page<EventView>> {
  authorize(context.actor, 'event:read')
  const items = await readEvents(context.db, {
    limit: input.limit,
    ...(input.afterSeq === undefined ? {} : { afterSeq: input.afterSeq }),
    ...(input.beforeSeq === undefined ? {} : { beforeSeq: input.beforeSeq }),
    ...(input.kind === undefined ? {} : { kind: input.kind }),
    ...(input.uid === undefined ? {} : { uid: input.uid }),
    ...(input.service === undefined ? {} : { serviceName: input.service }),
    ...(input.type === undefined ? {} : { types: [input.type] }),
  })
  const last = items.at(-1)
  const hasMore = items.length === input.limit && last !== undefined
  return { items, nextCursor: hasMore ? String(last.seq) : null, total: await countEvents(context.db) }
}
