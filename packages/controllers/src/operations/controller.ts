import { SkykeepError } from '@skykeep/core/errors'
import { isTerminal } from '@skykeep/core/statuses'
import { findEndpoint } from '@skykeep/db/endpoints'
import { getOperation, setOperationPhase } from '@skykeep/db/operations'
import { listReplicas } from '@skykeep/db/replicas'
import { getService } from '@skykeep/db/services'
import { transition } from '@skykeep/db/transition'
import type { Reconciler } from '@skykeep/engine/engine'
import { heldBy, write, type ControllerContext } from '../context.ts'
import type { RouteView } from '../routes/route-view.ts'
import { decideOperation } from './decide.ts'

/** A wake-up brings it sooner; this only heals a lost one. */
const lookAgainMs = 15_000
const soonMs = 500

/** Follows each person's request to its end. */
export function operationReconciler(context: ControllerContext & { readonly routes: RouteView }): Reconciler {
  const { database, routes } = context
  return {
    kind: 'operation',
    limit: 8,
    async reconcile(uid, lease) {
      const operation = await getOperation(database, uid)
      if (isTerminal('operation', operation.status)) return 'done'
      const { targetUid } = operation
      const service = await getService(database, targetUid).catch(nullWhenMissing)
      const { items: replicas } = await listReplicas(database, { serviceUid: targetUid, limit: 500 })
      const endpoint = await findEndpoint(database, targetUid)
      const decision = decideOperation({
        operation,
        service,
        replicas,
        endpoint,
        routedReplicas: routes.routedReplicas(targetUid),
      })
      const { phase, to, reason, message } = decision
      if (phase !== operation.phase || to !== null) {
        const held = heldBy('operation', lease)
        await write(context, async (tx) => {
          await setOperationPhase(tx, uid, phase, { lease: held })
          if (to === null) return
          await transition(tx, { kind: 'operation', uid, to, reason, message, lease: held, cause: uid })
        })
      }
      if (to !== null && isTerminal('operation', to)) return 'done'
      // Between ready and routed lies no row that could wake it.
      const isAlmostThere = service?.status === 'READY' && operation.verb === 'serve.up'
      return { requeueAfterMs: isAlmostThere ? soonMs : lookAgainMs }
    },
  }
}

function nullWhenMissing(error: unknown): null {
  if (error instanceof SkykeepError && error.code === 'NOT_FOUND') return null
  throw error
}
