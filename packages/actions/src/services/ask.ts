import type { Operation, Service } from '@skykeep/core/nouns'
import type { RequestedView } from '@skykeep/core/views'
import type { Tx } from '@skykeep/db/handles'
import { insertOperation, listOperations } from '@skykeep/db/operations'
import { setServiceDesired, type ServiceDesire } from '@skykeep/db/services'
import type { ActionContext } from '../context.ts'
import { recordAnswer } from '../idempotency/record-answer.ts'
import { bringServiceBack } from './bring-back.ts'
import { serviceToChange } from './service-to-change.ts'

export interface Wish {
  readonly verb: string
  readonly details?: Operation['details']
  /** What of the service is wished; null where it is wished already, then a request under way is given back. */
  desireOf(service: Service): Pick<ServiceDesire, 'isPaused' | 'schedule' | 'message'> | null
}

/** Writes a wish about a living service and the operation that follows it. Throws NOT_FOUND, CONFLICT (being shut down), FENCED. */
export async function ask(context: ActionContext, name: string, wish: Wish): Promise<RequestedView> {
  const { actor, ids, workspace, fence } = context
  return await context.db.transaction(
    async (tx) => {
      const service = await serviceToChange(context, tx, name)
      // A new wish is a reason to try what was set aside.
      await bringServiceBack(context, tx, service)
      const desire = wish.desireOf(service)
      const running = desire === null ? await runningOperation(tx, service.uid, wish.verb) : null
      if (running !== null)
        return await recordAnswer(context, tx, { operationUid: running.uid, name: service.name })
      const operationUid = ids.uid('op')
      if (desire !== null) {
        await setServiceDesired(tx, service.uid, { ...desire, cause: operationUid, actor: actor.userUid })
      }
      await insertOperation(tx, {
        uid: operationUid,
        workspace,
        verb: wish.verb,
        targetKind: 'service',
        targetUid: service.uid,
        targetName: service.name,
        requestedBy: actor.userUid,
        ...(wish.details === undefined ? {} : { details: wish.details }),
      })
      return await recordAnswer(context, tx, { operationUid, name: service.name })
    },
    { fence },
  )
}

/** The operation of that verb which is under way for the service, or null. */
export async function runningOperation(tx: Tx, serviceUid: string, verb: string): Promise<Operation | null> {
  const { items } = await listOperations(tx, { targetUid: serviceUid, statuses: ['PENDING', 'RUNNING'] })
  return items.find((operation) => operation.verb === verb) ?? null
}
