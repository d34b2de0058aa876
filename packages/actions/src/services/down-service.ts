import type { DownResult } from '@skykeep/core/views'
import { SkykeepError } from '@skykeep/core/errors'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import type { ServiceNameInput } from './schemas.ts'

export async function downService(context: ActionContext, _input: ServiceNameInput): Promise<DownResult> {
  authorize(context.actor, 'service:write')
  throw new SkykeepError('UNAVAILABLE', 'not there yet')
}
