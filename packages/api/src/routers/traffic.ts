import { followFigures, getFigures } from '@skykeep/actions/traffic/follow-figures'
import { followTraffic } from '@skykeep/actions/traffic/follow-traffic'
import { getTraffic } from '@skykeep/actions/traffic/get-traffic'
import { trafficInput } from '@skykeep/actions/traffic/schemas'
import { liveStream } from '../live-stream.ts'
import { rest } from '../rest/declaration.ts'
import { authedProcedure, router } from '../trpc.ts'

export const trafficRouter = router({
  get: authedProcedure
    .meta(
      rest('GET /services/{name}/traffic', 'Show the requests of a service over time', {
        description:
          'Requests a second, errors by kind, latency percentiles and requests in flight, a number each step; by version or replica where asked. Null where nothing was counted, which is not 0.',
        example: { name: 'hello', range: '1h', by: 'version' },
      }),
    )
    .input(trafficInput)
    .query(({ ctx, input }) => getTraffic(ctx.action, input)),
  follow: authedProcedure
    .meta(
      rest('GET /services/{name}/traffic/follow', 'Follow the requests of a service', {
        description: 'Server-sent events: each message carries what `GET /services/{name}/traffic` answers.',
        example: { name: 'hello', range: '5m' },
      }),
    )
    .input(trafficInput)
    .subscription(({ ctx, input, signal }) =>
      liveStream({
        context: ctx.action,
        signal,
        open: (until) => followTraffic(ctx.action, input, until),
        idOf: ({ countedToSecond }) => String(countedToSecond ?? 0),
      }),
    ),
  figures: authedProcedure
    .meta(
      rest('GET /traffic', 'Show the requests of all services in the last minute', {
        description: 'By service uid; a service without requests is left out.',
      }),
    )
    .query(({ ctx }) => getFigures(ctx.action)),
  followFigures: authedProcedure
    .meta(
      rest('GET /traffic/follow', 'Follow the requests of all services', {
        description: 'Server-sent events: each message carries what `GET /traffic` answers.',
      }),
    )
    .subscription(({ ctx, signal }) =>
      liveStream({
        context: ctx.action,
        signal,
        open: (until) => followFigures(ctx.action, until),
        // Nothing to resume from: the next message says all.
        idOf: () => '0',
      }),
    ),
})
