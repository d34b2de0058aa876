import type { DrillView } from '@skykeep/core/views'
import { reportDrill as writeProgress } from '@skykeep/db/drills'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { drillSilenceMs, toDrillView } from './drill-view.ts'
import type { ReportDrillInput } from './schemas.ts'

/** Records how far a drill is, and that its process lives. Throws FORBIDDEN, NOT_FOUND, FENCED. */
export async function reportDrill(context: ActionContext, input: ReportDrillInput): Promise<DrillView> {
  authorize(context.actor, 'drill:run')
  const { uid, phase, result } = input
  const progress = { phase, result, expiresAtMs: context.clock.now() + drillSilenceMs }
  const drill = await context.db.transaction((tx) => writeProgress(tx, uid, progress), {
    fence: context.fence,
  })
  return await toDrillView(context, drill)
}
