import type { MeView } from '@skykeep/core/views'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'

/** Who asks, as the dashboard shows it. */
export async function getMe(context: ActionContext): Promise<MeView> {
  authorize(context.actor, 'me:read')
  return { name: context.actor.name, role: context.actor.role }
}
