import { tracked } from '@trpc/server'
import { watchEventsInput } from '@skykeep/actions/events/schemas'
import { watchEvents } from '@skykeep/actions/events/watch-events'
import { authedProcedure, router } from '../trpc.ts'

export const watchRouter = router({
  events: authedProcedure.input(watchEventsInput.prefault({})).subscription(async function* ({
    ctx,
    input,
    signal,
  }) {
    for await (const message of watchEvents(ctx.action, input, signal))
      yield tracked(String(message.seq), message)
  }),
})
