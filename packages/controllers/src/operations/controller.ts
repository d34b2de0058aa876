import { SkykeepError } from '@skykeep/core/errors'
import type { Operation, Replica } from '@skykeep/core/nouns'
import { isTerminal } from '@skykeep/core/statuses'
import { findEndpoint } from '@skykeep/db/endpoints'
import { getOperation, setOperationPhase } from '@skykeep/db/operations'
import type { Database } from '@skykeep/db/handles'
import { wake } from '@skykeep/db/reconciliations'
import { findReplica, listReplicas, setReplicaUnwanted } from '@skykeep/db/replicas'
import { findRolloutOf } from '@skykeep/db/rollouts'
import { getService } from '@skykeep/db/services'
import { transition } from '@skykeep/db/transition'
import type { Reconciler } from '@skykeep/engine/engine'
import { heldBy, write, type ControllerContext } from '../context.ts'
import type { RouteView } from '../routes/route-view.ts'
import { decideOperation } from './decide.ts'

/** A wake-up brings it sooner; this only heals a lost one. */
const lookAgainMs = 15_000
const soonMs = 500
/** Counters of a rollout move without waking anybody. */
const rolloutLookMs = 2_000

/** Follows each person's request to its end. */
export function operationReconciler(context: ControllerContext & { readonly routes: RouteView }): Reconciler {
  const { database, routes, openOperations } = context
  return {
    kind: 'operation',
    limit: 8,
    async reconcile(uid, lease) {
      const operation = await getOperation(database, uid)
      if (isTerminal('operation', operation.status)) {
        openOperations?.forget(operation)
        return 'done'
      }
      openOperations?.noteOperation(operation)
      const { targetUid } = operation
      const service = await getService(database, targetUid).catch(nullWhenMissing)
      const { items: replicas } = await listReplicas(database, { serviceUid: targetUid, limit: 500 })
      const endpoint = await findEndpoint(database, targetUid)
      const rollout = await findRolloutOf(database, uid)
      const decision = decideOperation({
        operation,
        service,
        replicas,
        endpoint,
        rollout,
        replica: await replicaOf(database, operation),
        routedReplicas: routes.routedReplicas(targetUid),
      })
      const { phase, to, reason, message, unwant } = decision
      if (phase !== operation.phase || to !== null || unwant !== undefined) {
        context.log.info({ phase, ...(to === null ? {} : { status: to, reason }) }, 'operation')
        const held = heldBy('operation', lease)
        await write(context, async (tx) => {
          if (unwant !== undefined) {
            await setReplicaUnwanted(tx, unwant, 'TERMINATED_BY_USER', { lease: held })
            await wake(tx, targetUid)
          }
          await setOperationPhase(tx, uid, phase, { lease: held })
          if (to === null) return
          await transition(tx, { kind: 'operation', uid, to, reason, message, lease: held, cause: uid })
        })
      }
      if (to !== null && isTerminal('operation', to)) {
        openOperations?.forget(operation)
        return 'done'
      }
      // Between ready and routed lies no row that could wake it.
      const isBringingUp = operation.verb === 'serve.up' || operation.verb === 'serve.resume'
      if (isBringingUp && service?.status === 'READY') return { requeueAfterMs: soonMs }
      return { requeueAfterMs: rollout === null ? lookAgainMs : rolloutLookMs }
    },
  }
}

/** The replica that an operation names by its number. */
async function replicaOf(database: Database, { targetUid, details }: Operation): Promise<Replica | null> {
  const { replicaId } = details
  return typeof replicaId === 'number' ? await findReplica(database, targetUid, replicaId) : null
}

function nullWhenMissing(error: unknown): null {
  if (error instanceof SkykeepError && error.code === 'NOT_FOUND') return null
  throw error
}
