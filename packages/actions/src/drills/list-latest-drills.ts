import type { LatestDrillsView } from '@skykeep/core/state-views'
import { countUndrilled, latestDrills } from '@skykeep/db/drills'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { toDrillViews } from './drill-view.ts'

/** The last drill of each living service, and how many never had one. */
export async function listLatestDrills(context: ActionContext): Promise<LatestDrillsView> {
  authorize(context.actor, 'service:read')
  const { db, workspace } = context
  return {
    drills: await toDrillViews(context, await latestDrills(db, workspace)),
    undrilledServices: await countUndrilled(db, workspace),
  }
}
