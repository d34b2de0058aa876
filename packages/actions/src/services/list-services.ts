import type { Page, ServiceSummary } from '@skykeep/core/views'
import { SkykeepError } from '@skykeep/core/errors'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import type { ListServicesInput } from './schemas.ts'

export async function listServices(
  context: ActionContext,
  _input: ListServicesInput,
): Promise<Page<ServiceSummary>> {
  authorize(context.actor, 'service:read')
  throw new SkykeepError('UNAVAILABLE', 'not there yet')
}
