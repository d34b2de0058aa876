import type { UpResult } from '@skykeep/core/views'
import { SkykeepError } from '@skykeep/core/errors'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import type { UpServiceInput } from './schemas.ts'

export async function upService(context: ActionContext, _input: UpServiceInput): Promise<UpResult> {
  authorize(context.actor, 'service:write')
  throw new SkykeepError('UNAVAILABLE', 'not there yet')
}
