import { watchEventsInput } from '@skykeep/actions/events/schemas'
import { watchEvents } from '@skykeep/actions/events/watch-events'
import { liveStream } from '../live-stream.ts'
import { authedProcedure, router } from '../trpc.ts'

export const watchRouter = router({
  events: authedProcedure.input(watchEventsInput.prefault({})).subscription(({ ctx, input, signal }) =>
    liveStream({
      context: ctx.action,
      signal,
      open: (until) => watchEvents(ctx.action, input, until),
      idOf: (message) => String(message.seq),
    }),
  ),
})
