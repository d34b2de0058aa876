import { followLog } from '@skykeep/actions/logs/follow-log'
import { followLines } from '@skykeep/actions/logs/follow-lines'
import { followProcessLines } from '@skykeep/actions/logs/follow-process-lines'
import { readLines } from '@skykeep/actions/logs/read-lines'
import { readProcessLines } from '@skykeep/actions/logs/read-process-lines'
import { readLog } from '@skykeep/actions/logs/read-log'
import {
  followLinesInput,
  followLogInput,
  followProcessLinesInput,
  readLinesInput,
  readLogInput,
  readProcessLinesInput,
} from '@skykeep/actions/logs/schemas'
import { liveStream } from '../live-stream.ts'
import { rest } from '../rest/declaration.ts'
import { authedProcedure, router } from '../trpc.ts'

export const logsRouter = router({
  read: authedProcedure
    .meta(
      rest('GET /services/{service}/replicas/{replicaId}/log', 'Read the log of a replica', {
        description:
          'From a byte offset on, or the last `tailBytes`. Pass `nextOffset` back as `offset` to read on.',
        example: { service: 'hello', replicaId: 1, tailBytes: 4096 },
      }),
    )
    .input(readLogInput)
    .query(({ ctx, input }) => readLog(ctx.action, input)),
  lines: authedProcedure
    .meta(
      rest('GET /services/{service}/logs', 'Read the logs of a service line by line', {
        description:
          'The lines of all replicas in the order of their times. Pass `cursor` back to read on; without lines there is no more now.',
        example: { service: 'hello', tailLines: 100 },
      }),
    )
    .input(readLinesInput)
    .query(({ ctx, input }) => readLines(ctx.action, input)),
  followLines: authedProcedure
    .meta(
      rest('GET /services/{service}/logs/follow', 'Follow the logs of a service', {
        description:
          'Server-sent events: each message carries what `GET /services/{service}/logs` answers. Replicas that are started meanwhile join in. Resume with `Last-Event-ID`.',
        example: { service: 'hello', tailLines: 100 },
      }),
    )
    .input(followLinesInput)
    .subscription(({ ctx, input, signal }) =>
      liveStream({
        context: ctx.action,
        signal,
        open: (until) => followLines(ctx.action, input, until),
        idOf: ({ cursor }) => cursor,
      }),
    ),
  process: authedProcedure
    .meta(
      rest('GET /services/{service}/process-logs', 'Read what the control plane logged about a service', {
        example: { service: 'hello', part: 'controller' },
      }),
    )
    .input(readProcessLinesInput)
    .query(({ ctx, input }) => readProcessLines(ctx.action, input)),
  followProcess: authedProcedure
    .meta(
      rest(
        'GET /services/{service}/process-logs/follow',
        'Follow what the control plane logs about a service',
        {
          description:
            'Server-sent events: each message carries `lines` as `GET /services/{service}/process-logs` answers them. Goes on over a rotation of the logs, and ends with the service. Resume with `Last-Event-ID`.',
          example: { service: 'hello', part: 'controller' },
        },
      ),
    )
    .input(followProcessLinesInput)
    .subscription(({ ctx, input, signal }) =>
      liveStream({
        context: ctx.action,
        signal,
        open: (until) => followProcessLines(ctx.action, input, until),
        idOf: ({ cursor }) => cursor,
      }),
    ),
  follow: authedProcedure
    .meta(
      rest('GET /services/{service}/replicas/{replicaId}/log/follow', 'Follow the log of a replica', {
        description:
          'Server-sent events: each message carries what `GET /services/{service}/replicas/{replicaId}/log` answers. Resume with `Last-Event-ID`.',
        example: { service: 'hello', replicaId: 1, tailBytes: 4096 },
      }),
    )
    .input(followLogInput)
    .subscription(({ ctx, input, signal }) =>
      liveStream({
        context: ctx.action,
        signal,
        open: (until) => followLog(ctx.action, input, until),
        idOf: (chunk) => String(chunk.nextOffset),
      }),
    ),
})
