import type { DrillView } from '@skykeep/core/views'
import { listDrills as readDrills } from '@skykeep/db/drills'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { livingService } from '../services/living-service.ts'
import type { ServiceNameInput } from '../services/schemas.ts'
import { toDrillViews } from './drill-view.ts'

/** The latest drills of a service, newest first. Throws NOT_FOUND. */
export async function listDrills(
  context: ActionContext,
  input: ServiceNameInput,
): Promise<readonly DrillView[]> {
  authorize(context.actor, 'service:read')
  const { uid } = await livingService(context, context.db, input.name)
  return await toDrillViews(context, await readDrills(context.db, uid))
}
