import type { DownResult } from '@skykeep/core/views'
import { insertOperation } from '@skykeep/db/operations'
import { setServiceDesired } from '@skykeep/db/services'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { recordAnswer } from '../idempotency/record-answer.ts'
import { runningOperation } from './ask.ts'
import { bringServiceBack } from './bring-back.ts'
import { livingService } from './living-service.ts'
import type { ServiceNameInput } from './schemas.ts'

/**
 * Asks for the end of a service and all its replicas; its endpoint port stays its own for ever. Asking again returns the operation that is
 * under way. Throws NOT_FOUND, FENCED.
 */
export async function downService(context: ActionContext, input: ServiceNameInput): Promise<DownResult> {
  authorize(context.actor, 'service:write')
  const { actor, workspace } = context
  return await context.db.transaction(
    async (tx) => {
      const service = await livingService(context, tx, input.name)
      const { name } = service
      // Asking again is a wish to see it through, whatever was set aside on the way.
      await bringServiceBack(context, tx, service)
      const running =
        service.deletionRequestedAtMs === null ? null : await runningOperation(tx, service.uid, 'serve.down')
      if (running !== null) return await recordAnswer(context, tx, { operationUid: running.uid, name })
      const operationUid = context.ids.uid('op')
      if (service.deletionRequestedAtMs === null) {
        await setServiceDesired(tx, service.uid, {
          deletionRequestedAtMs: context.clock.now(),
          cause: operationUid,
          actor: actor.userUid,
          message: `${actor.name} asked to shut ${name} down.`,
        })
      }
      await insertOperation(tx, {
        uid: operationUid,
        workspace,
        verb: 'serve.down',
        targetKind: 'service',
        targetUid: service.uid,
        targetName: name,
        requestedBy: actor.userUid,
      })
      return await recordAnswer(context, tx, { operationUid, name })
    },
    { fence: context.fence },
  )
}
