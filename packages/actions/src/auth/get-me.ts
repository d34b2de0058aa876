import type { MeView } from '@skykeep/core/views'
import { SkykeepError } from '@skykeep/core/errors'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'

export async function getMe(context: ActionContext): Promise<MeView> {
  authorize(context.actor, 'me:read')
  throw new SkykeepError('UNAVAILABLE', 'not there yet')
}
