import { watchEventsInput } from '@skykeep/actions/events/schemas'
import { watchEvents } from '@skykeep/actions/events/watch-events'
import { liveStream } from '../live-stream.ts'
import { rest } from '../rest/declaration.ts'
import { watchStream } from '../rest/watch-events.ts'
import { authedProcedure, router } from '../trpc.ts'

export const watchRouter = router({
  events: authedProcedure
    .meta(
      rest('GET /watch', 'Follow events as they happen', {
        description:
          'Server-sent events. Each message carries one event as JSON, its `id` is the number of the event: a client that reconnects with `Last-Event-ID` misses nothing. `reset` says that events were lost to retention or a restore: list again, then go on. A comment comes at least every 15 seconds.',
        example: { service: 'hello' },
        stream: watchStream,
      }),
    )
    .input(watchEventsInput.prefault({}))
    .subscription(({ ctx, input, signal }) =>
      liveStream({
        context: ctx.action,
        signal,
        open: (until) => watchEvents(ctx.action, input, until),
        idOf: (message) => String(message.seq),
      }),
    ),
})
