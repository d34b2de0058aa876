import { finishDrill } from '@skykeep/actions/drills/finish-drill'
import { listDrills } from '@skykeep/actions/drills/list-drills'
import { planDrill } from '@skykeep/actions/drills/plan-drill'
import { reportDrill } from '@skykeep/actions/drills/report-drill'
import { runDrill } from '@skykeep/actions/drills/run-drill'
import { finishDrillInput, reportDrillInput, startDrillInput } from '@skykeep/actions/drills/schemas'
import { startDrill } from '@skykeep/actions/drills/start-drill'
import { serviceNameInput } from '@skykeep/actions/services/schemas'
import { authedProcedure, router } from '../trpc.ts'

/** Recovery drills: `run` starts one on the control plane's machine; the others are for the process that runs it. */
export const drillsRouter = router({
  list: authedProcedure.input(serviceNameInput).query(({ ctx, input }) => listDrills(ctx.action, input)),
  plan: authedProcedure.input(serviceNameInput).query(({ ctx, input }) => planDrill(ctx.action, input)),
  run: authedProcedure.input(startDrillInput).mutation(({ ctx, input }) => runDrill(ctx.action, input)),
  start: authedProcedure.input(startDrillInput).mutation(({ ctx, input }) => startDrill(ctx.action, input)),
  report: authedProcedure
    .input(reportDrillInput)
    .mutation(({ ctx, input }) => reportDrill(ctx.action, input)),
  finish: authedProcedure
    .input(finishDrillInput)
    .mutation(({ ctx, input }) => finishDrill(ctx.action, input)),
})
