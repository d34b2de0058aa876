import type { OperationDetailView } from '@skykeep/core/views'
import { SkykeepError } from '@skykeep/core/errors'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import type { OperationUidInput } from './schemas.ts'

export async function getOperation(
  context: ActionContext,
  _input: OperationUidInput,
): Promise<OperationDetailView> {
  authorize(context.actor, 'operation:read')
  throw new SkykeepError('UNAVAILABLE', 'not there yet')
}
