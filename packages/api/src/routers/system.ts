import { bringRowBack, bringRowBackInput } from '@skykeep/actions/system/bring-row-back'
import { getMachinery } from '@skykeep/actions/system/get-machinery'
import { getOverview } from '@skykeep/actions/system/get-overview'
import { getSystemStatus } from '@skykeep/actions/system/get-system-status'
import { rest } from '../rest/declaration.ts'
import { authedProcedure, router } from '../trpc.ts'

export const systemRouter = router({
  status: authedProcedure
    .meta(rest('GET /system', 'Show the control plane'))
    .query(({ ctx }) => getSystemStatus(ctx.action)),
  machinery: authedProcedure
    .meta(rest('GET /system/machinery', 'Show who holds what, and what waits'))
    .query(({ ctx }) => getMachinery(ctx.action)),
  bringBack: authedProcedure
    .meta(rest('POST /system/set-aside/{uid}/retry', 'Try one row again that was set aside'))
    .input(bringRowBackInput)
    .mutation(({ ctx, input }) => bringRowBack(ctx.action, input)),
  overview: authedProcedure
    .meta(rest('GET /overview', 'Show the state of everything at a glance'))
    .query(({ ctx }) => getOverview(ctx.action)),
})
