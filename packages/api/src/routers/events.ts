import { getEventChain } from '@skykeep/actions/events/get-event-chain'
import { getStateAt } from '@skykeep/actions/events/get-state-at'
import { listEvents } from '@skykeep/actions/events/list-events'
import { eventSeqInput, listEventsInput, stateAtInput } from '@skykeep/actions/events/schemas'
import { rest } from '../rest/declaration.ts'
import { authedProcedure, router } from '../trpc.ts'

export const eventsRouter = router({
  list: authedProcedure
    .meta(
      rest('GET /events', 'List events', {
        description:
          'The one log of everything that happened. Newest first, paged with `beforeSeq`; oldest first with `afterSeq`. `total` counts every event that is kept. A number below what is kept answers 410 CURSOR_TOO_OLD.',
        example: { service: 'hello', type: ['service.scaled', 'status.changed'], limit: 20 },
      }),
    )
    .input(listEventsInput.prefault({}))
    .query(({ ctx, input }) => listEvents(ctx.action, input)),
  chain: authedProcedure
    .meta(rest('GET /events/{seq}/chain', 'Show what led to an event and what it caused'))
    .input(eventSeqInput)
    .query(({ ctx, input }) => getEventChain(ctx.action, input)),
  stateAt: authedProcedure
    .meta(
      rest('GET /state', 'Show what there was at a moment', {
        description:
          'Services and replicas with their statuses at `atMs`, from the log. A moment before what is kept answers 410 CURSOR_TOO_OLD.',
      }),
    )
    .input(stateAtInput)
    .query(({ ctx, input }) => getStateAt(ctx.action, input)),
})
