import type { ServiceView } from '@skykeep/core/views'
import { SkykeepError } from '@skykeep/core/errors'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import type { ServiceNameInput } from './schemas.ts'

export async function getService(context: ActionContext, _input: ServiceNameInput): Promise<ServiceView> {
  authorize(context.actor, 'service:read')
  throw new SkykeepError('UNAVAILABLE', 'not there yet')
}
