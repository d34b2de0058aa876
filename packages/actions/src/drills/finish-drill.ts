import type { DrillView } from '@skykeep/core/views'
import { finishDrill as writeEnd } from '@skykeep/db/drills'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { toDrillView } from './drill-view.ts'
import type { FinishDrillInput } from './schemas.ts'

/** Records how a drill ended; asking again changes nothing. Throws FORBIDDEN, NOT_FOUND, FENCED. */
export async function finishDrill(context: ActionContext, input: FinishDrillInput): Promise<DrillView> {
  authorize(context.actor, 'drill:run')
  const { uid, status, reason, result } = input
  const end = { status, statusReason: reason, result }
  const drill = await context.db.transaction((tx) => writeEnd(tx, uid, end), { fence: context.fence })
  return await toDrillView(context, drill)
}
