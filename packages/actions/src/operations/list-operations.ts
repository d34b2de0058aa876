import type { OperationView, Page } from '@skykeep/core/views'
import { SkykeepError } from '@skykeep/core/errors'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import type { ListOperationsInput } from './schemas.ts'

export async function listOperations(
  context: ActionContext,
  _input: ListOperationsInput,
): Promise<Page<OperationView>> {
  authorize(context.actor, 'operation:read')
  throw new SkykeepError('UNAVAILABLE', 'not there yet')
}
