import { followLog } from '@skykeep/actions/logs/follow-log'
import { followLines } from '@skykeep/actions/logs/follow-lines'
import { readLines } from '@skykeep/actions/logs/read-lines'
import { readProcessLines } from '@skykeep/actions/logs/read-process-lines'
import { readLog } from '@skykeep/actions/logs/read-log'
import {
  followLinesInput,
  followLogInput,
  readLinesInput,
  readLogInput,
  readProcessLinesInput,
} from '@skykeep/actions/logs/schemas'
import { liveStream } from '../live-stream.ts'
import { authedProcedure, router } from '../trpc.ts'

export const logsRouter = router({
  read: authedProcedure.input(readLogInput).query(({ ctx, input }) => readLog(ctx.action, input)),
  lines: authedProcedure.input(readLinesInput).query(({ ctx, input }) => readLines(ctx.action, input)),
  followLines: authedProcedure.input(followLinesInput).subscription(({ ctx, input, signal }) =>
    liveStream({
      context: ctx.action,
      signal,
      open: (until) => followLines(ctx.action, input, until),
      idOf: ({ cursor }) => cursor,
    }),
  ),
  process: authedProcedure
    .input(readProcessLinesInput)
    .query(({ ctx, input }) => readProcessLines(ctx.action, input)),
  follow: authedProcedure.input(followLogInput).subscription(({ ctx, input, signal }) =>
    liveStream({
      context: ctx.action,
      signal,
      open: (until) => followLog(ctx.action, input, until),
      idOf: (chunk) => String(chunk.nextOffset),
    }),
  ),
})
