import type { HistoryView } from '@skykeep/core/views'
import { listRollouts } from '@skykeep/db/rollouts'
import { listServiceVersions } from '@skykeep/db/service-versions'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { livingService } from './living-service.ts'
import { toRolloutViews } from './rollout-view.ts'
import type { ServiceNameInput } from './schemas.ts'
import { toVersionViews } from './version-view.ts'

const rolloutsShown = 100

/** The versions of a living service that are kept, and its rollouts, newest first. Throws NOT_FOUND. */
export async function getHistory(context: ActionContext, input: ServiceNameInput): Promise<HistoryView> {
  authorize(context.actor, 'service:read')
  const { db } = context
  const service = await livingService(context, db, input.name)
  const { name, desiredVersion, targetVersion, stableVersion } = service
  return {
    name,
    versions: await toVersionViews(db, await listServiceVersions(db, service.uid)),
    rollouts: await toRolloutViews(db, await listRollouts(db, service.uid, rolloutsShown)),
    desiredVersion,
    targetVersion,
    stableVersion,
  }
}
