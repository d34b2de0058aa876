import type { LatestDrillsView } from '@skykeep/core/state-views'
import { countUndrilled, latestDrills } from '@skykeep/db/drills'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { toDrillView } from './drill-view.ts'

/** The last drill of each living service, and how many never had one. */
export async function listLatestDrills(context: ActionContext): Promise<LatestDrillsView> {
  authorize(context.actor, 'service:read')
  const { db, workspace, clock } = context
  const nowMs = clock.now()
  return {
    drills: (await latestDrills(db, workspace)).map((drill) => toDrillView(drill, nowMs)),
    undrilledServices: await countUndrilled(db, workspace),
  }
}
