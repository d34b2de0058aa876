import { tracked } from '@trpc/server'
import { followLog } from '@skykeep/actions/logs/follow-log'
import { readLog } from '@skykeep/actions/logs/read-log'
import { followLogInput, readLogInput } from '@skykeep/actions/logs/schemas'
import { authedProcedure, router } from '../trpc.ts'

export const logsRouter = router({
  read: authedProcedure.input(readLogInput).query(({ ctx, input }) => readLog(ctx.action, input)),
  follow: authedProcedure.input(followLogInput).subscription(async function* ({ ctx, input, signal }) {
    for await (const chunk of followLog(ctx.action, input, signal))
      yield tracked(String(chunk.nextOffset), chunk)
  }),
})
