import { finishDrill } from '@skykeep/actions/drills/finish-drill'
import { listLatestDrills } from '@skykeep/actions/drills/list-latest-drills'
import { listDrills } from '@skykeep/actions/drills/list-drills'
import { planDrill } from '@skykeep/actions/drills/plan-drill'
import { reportDrill } from '@skykeep/actions/drills/report-drill'
import { runDrill } from '@skykeep/actions/drills/run-drill'
import { finishDrillInput, reportDrillInput, startDrillInput } from '@skykeep/actions/drills/schemas'
import { startDrill } from '@skykeep/actions/drills/start-drill'
import { serviceNameInput } from '@skykeep/actions/services/schemas'
import { notRest, rest } from '../rest/declaration.ts'
import { authedProcedure, router } from '../trpc.ts'

const ofItsProcess = notRest('only the process of a drill calls it, on the machine of the control plane')

/** Recovery drills: `run` starts one on the control plane's machine; the others are for the process that runs it. */
export const drillsRouter = router({
  list: authedProcedure
    .meta(rest('GET /services/{name}/drills', 'List the recovery drills of a service'))
    .input(serviceNameInput)
    .query(({ ctx, input }) => listDrills(ctx.action, input)),
  latest: authedProcedure
    .meta(rest('GET /drills', 'Show the last recovery drill of each service'))
    .query(({ ctx }) => listLatestDrills(ctx.action)),
  plan: authedProcedure
    .meta(ofItsProcess)
    .input(serviceNameInput)
    .query(({ ctx, input }) => planDrill(ctx.action, input)),
  run: authedProcedure
    .meta(
      rest('POST /services/{name}/drills', 'Run a recovery drill', {
        description:
          'Kills a part of the control plane, or a replica, on purpose, and measures what clients saw. Follow it by its events.',
        example: { name: 'hello', target: 'worker', repeats: 1 },
      }),
    )
    .input(startDrillInput)
    .mutation(({ ctx, input }) => runDrill(ctx.action, input)),
  start: authedProcedure
    .meta(ofItsProcess)
    .input(startDrillInput)
    .mutation(({ ctx, input }) => startDrill(ctx.action, input)),
  report: authedProcedure
    .meta(ofItsProcess)
    .input(reportDrillInput)
    .mutation(({ ctx, input }) => reportDrill(ctx.action, input)),
  finish: authedProcedure
    .meta(ofItsProcess)
    .input(finishDrillInput)
    .mutation(({ ctx, input }) => finishDrill(ctx.action, input)),
})
