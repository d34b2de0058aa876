import { getOverview } from '@skykeep/actions/system/get-overview'
import { getSystemStatus } from '@skykeep/actions/system/get-system-status'
import { authedProcedure, router } from '../trpc.ts'

export const systemRouter = router({
  status: authedProcedure.query(({ ctx }) => getSystemStatus(ctx.action)),
  overview: authedProcedure.query(({ ctx }) => getOverview(ctx.action)),
})
