import type { Operation } from '@skykeep/core/nouns'
import type { DownResult } from '@skykeep/core/views'
import type { Tx } from '@skykeep/db/handles'
import { insertOperation, listOperations } from '@skykeep/db/operations'
import { setServiceDesired } from '@skykeep/db/services'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
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
      const running = service.deletionRequestedAtMs === null ? null : await runningDown(tx, service.uid)
      if (running !== null) return { operationUid: running.uid, name }
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
      return { operationUid, name }
    },
    { fence: context.fence },
  )
}

async function runningDown(tx: Tx, serviceUid: string): Promise<Operation | null> {
  const { items } = await listOperations(tx, { targetUid: serviceUid, statuses: ['PENDING', 'RUNNING'] })
  return items.find((operation) => operation.verb === 'serve.down') ?? null
}
