import type { DoctorView } from '@skykeep/core/state-views'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'

/** What `skykeep state doctor` says of the persistent path, at most a few seconds old. Throws UNAVAILABLE. */
export async function getFindings(context: ActionContext): Promise<DoctorView> {
  authorize(context.actor, 'system:read')
  return await context.state.examine()
}
