import type { SystemView } from '@skykeep/core/views'
import { SkykeepError } from '@skykeep/core/errors'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'

export async function getSystemStatus(context: ActionContext): Promise<SystemView> {
  authorize(context.actor, 'system:read')
  throw new SkykeepError('UNAVAILABLE', 'not there yet')
}
