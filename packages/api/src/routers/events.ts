import { listEvents } from '@skykeep/actions/events/list-events'
import { listEventsInput } from '@skykeep/actions/events/schemas'
import { authedProcedure, router } from '../trpc.ts'

export const eventsRouter = router({
  list: authedProcedure
    .input(listEventsInput.prefault({}))
    .query(({ ctx, input }) => listEvents(ctx.action, input)),
})
