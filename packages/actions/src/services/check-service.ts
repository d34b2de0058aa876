import type { ServiceCheckView } from '@skykeep/core/views'
import { SkykeepError } from '@skykeep/core/errors'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import type { CheckServiceInput } from './schemas.ts'

export async function checkService(
  context: ActionContext,
  _input: CheckServiceInput,
): Promise<ServiceCheckView> {
  authorize(context.actor, 'service:read')
  throw new SkykeepError('UNAVAILABLE', 'not there yet')
}
