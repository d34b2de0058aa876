import { getOverview } from '@skykeep/actions/system/get-overview'
import { getSystemStatus } from '@skykeep/actions/system/get-system-status'
import { rest } from '../rest/declaration.ts'
import { authedProcedure, router } from '../trpc.ts'

export const systemRouter = router({
  status: authedProcedure
    .meta(rest('GET /system', 'Show the control plane'))
    .query(({ ctx }) => getSystemStatus(ctx.action)),
  overview: authedProcedure
    .meta(rest('GET /overview', 'Show the state of everything at a glance'))
    .query(({ ctx }) => getOverview(ctx.action)),
})
