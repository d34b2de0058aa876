import { SkykeepError } from '@skykeep/core/errors'
import type { RequestedView } from '@skykeep/core/views'
import { getService } from '@skykeep/db/services'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { recordAnswer } from '../idempotency/record-answer.ts'
import { bringServiceBack } from '../services/bring-back.ts'
import { operationOf } from './operation-of.ts'
import type { OperationUidInput } from './schemas.ts'

/**
 * Takes an operation that was set aside back into the loop, with what of its service was set aside. Throws NOT_FOUND, CONFLICT (it has
 * ended, or was never set aside), FENCED.
 */
export async function retryOperation(
  context: ActionContext,
  input: OperationUidInput,
): Promise<RequestedView> {
  authorize(context.actor, 'service:write')
  return await context.db.transaction(
    async (tx) => {
      const operation = await operationOf(context, tx, input.uid)
      const { uid, verb, targetName } = operation
      if (operation.finishedAtMs !== null) {
        throw new SkykeepError('CONFLICT', `operation ${uid} has ended`, {
          userMessage: `${verb} of ${targetName} has ended (${operation.status}): there is nothing to try again.`,
          hint: 'Ask for it anew with the verb itself.',
        })
      }
      const names = await bringServiceBack(context, tx, await getService(tx, operation.targetUid))
      if (names.length > 0) return await recordAnswer(context, tx, { operationUid: uid, name: targetName })
      throw new SkykeepError('CONFLICT', `operation ${uid} is not set aside`, {
        userMessage: `${verb} of ${targetName} is under way: nothing of it was set aside.`,
        hint: `See how far it is with \`skykeep ops ${uid}\`.`,
      })
    },
    { fence: context.fence },
  )
}
