import { SkykeepError } from '@skykeep/core/errors'
import type { RequestedView } from '@skykeep/core/views'
import { insertOperation } from '@skykeep/db/operations'
import { wake } from '@skykeep/db/reconciliations'
import { findReplica } from '@skykeep/db/replica-numbers'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { recordAnswer } from '../idempotency/record-answer.ts'
import { bringServiceBack } from './bring-back.ts'
import type { TerminateReplicaInput } from './schemas.ts'
import { serviceToChange } from './service-to-change.ts'

/**
 * Asks for the end of one replica: it is drained, ended and replaced, because the number that is wanted stays. Throws NOT_FOUND (service,
 * replica), CONFLICT (it has ended, or goes already), FENCED.
 */
export async function terminateReplica(
  context: ActionContext,
  input: TerminateReplicaInput,
): Promise<RequestedView> {
  authorize(context.actor, 'service:write')
  const { actor, ids, workspace, fence } = context
  const { replicaId } = input
  return await context.db.transaction(
    async (tx) => {
      const service = await serviceToChange(context, tx, input.name)
      const replica = await findReplica(tx, service.uid, replicaId)
      if (replica === null) {
        throw new SkykeepError('NOT_FOUND', `service ${service.uid} has no replica ${replicaId}`, {
          userMessage: `${service.name} has no replica ${replicaId}.`,
          hint: `Run \`skykeep serve status ${service.name}\` to see its replicas.`,
        })
      }
      if (replica.status === 'TERMINATED' || !replica.isWanted) {
        const how = replica.status === 'TERMINATED' ? 'has ended' : 'is being ended already'
        throw new SkykeepError('CONFLICT', `replica ${replica.uid} ${how}`, {
          userMessage: `Replica ${replicaId} of ${service.name} ${how}.`,
          hint: `Run \`skykeep serve status ${service.name}\` to see which ones run.`,
        })
      }
      const operationUid = ids.uid('op')
      await insertOperation(tx, {
        uid: operationUid,
        workspace,
        verb: 'serve.terminate-replica',
        targetKind: 'service',
        targetUid: service.uid,
        targetName: service.name,
        requestedBy: actor.userUid,
        details: { replicaId, replicaUid: replica.uid },
      })
      await bringServiceBack(context, tx, service)
      await wake(tx, service.uid)
      return await recordAnswer(context, tx, { operationUid, name: service.name })
    },
    { fence },
  )
}
