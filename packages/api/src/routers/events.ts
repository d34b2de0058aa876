import { listEvents } from '@skykeep/actions/events/list-events'
import { listEventsInput } from '@skykeep/actions/events/schemas'
import { rest } from '../rest/declaration.ts'
import { authedProcedure, router } from '../trpc.ts'

export const eventsRouter = router({
  list: authedProcedure
    .meta(
      rest('GET /events', 'List events', {
        description:
          'The one log of everything that happened. Newest first, paged with `beforeSeq`; oldest first with `afterSeq`. `total` counts every event that is kept. A number below what is kept answers 410 CURSOR_TOO_OLD.',
        example: { service: 'hello', type: 'status.changed', limit: 20 },
      }),
    )
    .input(listEventsInput.prefault({}))
    .query(({ ctx, input }) => listEvents(ctx.action, input)),
})
