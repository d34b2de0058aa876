import { followLog } from '@skykeep/actions/logs/follow-log'
import { readLog } from '@skykeep/actions/logs/read-log'
import { followLogInput, readLogInput } from '@skykeep/actions/logs/schemas'
import { liveStream } from '../live-stream.ts'
import { authedProcedure, router } from '../trpc.ts'

export const logsRouter = router({
  read: authedProcedure.input(readLogInput).query(({ ctx, input }) => readLog(ctx.action, input)),
  follow: authedProcedure.input(followLogInput).subscription(({ ctx, input, signal }) =>
    liveStream({
      context: ctx.action,
      signal,
      open: (until) => followLog(ctx.action, input, until),
      idOf: (chunk) => String(chunk.nextOffset),
    }),
  ),
})
