import { assertNever, SkykeepError } from '@skykeep/core/errors'
import type { Operation, Service } from '@skykeep/core/nouns'
import { cancelWayOf } from '@skykeep/core/operation-verbs'
import type { CancelView } from '@skykeep/core/views'
import type { Tx } from '@skykeep/db/handles'
import { setOperationCancelled } from '@skykeep/db/operations'
import { findRolloutOf, setRolloutCancelled } from '@skykeep/db/rollouts'
import { getServiceVersion } from '@skykeep/db/service-versions'
import { getService, setServiceDesired, type ServiceDesire } from '@skykeep/db/services'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { recordAnswer } from '../idempotency/record-answer.ts'
import { bringServiceBack } from '../services/bring-back.ts'
import { operationOf } from './operation-of.ts'
import type { OperationUidInput } from './schemas.ts'

/**
 * Asks that a request which is under way be undone: intent and the wish that undoes it are written at once, the controllers bring the
 * service to its safe place, and the operation ends as CANCELLED there. Asking again changes nothing. Throws NOT_FOUND, CONFLICT (it has
 * ended, its verb cannot be cancelled, the service serves already, it is on its way back by itself), FENCED.
 */
export async function cancelOperation(context: ActionContext, input: OperationUidInput): Promise<CancelView> {
  authorize(context.actor, 'service:write')
  return await context.db.transaction(
    async (tx) => {
      const operation = await operationOf(context, tx, input.uid)
      const { uid, targetName, finishedAtMs, cancelRequestedAtMs } = operation
      const way = cancelWayOf(operation.verb)
      if (way.to === null) throw refused(operation, way.why, way.instead)
      const answered = (): Promise<CancelView> =>
        recordAnswer(context, tx, { operationUid: uid, name: targetName, message: way.promise })
      if (operation.status === 'CANCELLED' && cancelRequestedAtMs !== null) return await answered()
      if (finishedAtMs !== null) throw refused(operation, 'it has ended', 'There is nothing to cancel.')
      const service = await getService(tx, operation.targetUid)
      // Asking again is a wish to see it through, whatever was set aside on the way.
      await bringServiceBack(context, tx, service)
      if (cancelRequestedAtMs !== null) return await answered()
      const by = context.actor.userUid
      const message = `${context.actor.name} cancelled ${operation.verb} of ${targetName}.`
      const desire = await undo(context, tx, { operation, service, to: way.to })
      await setOperationCancelled(tx, uid, { by, message })
      if (desire !== null)
        await setServiceDesired(tx, service.uid, { ...desire, cause: uid, actor: by, message })
      return await answered()
    },
    { fence: context.fence },
  )
}

type Desire = Pick<
  ServiceDesire,
  'deletionRequestedAtMs' | 'isPaused' | 'desiredVersion' | 'desiredReplicas'
> | null

interface Undone {
  readonly operation: Operation
  readonly service: Service
  readonly to: 'taken-down' | 'version-before' | 'paused'
}

/** The wish about the service that undoes the request; null where the service is wished away already. */
async function undo(context: ActionContext, tx: Tx, undone: Undone): Promise<Desire> {
  const { operation, service, to } = undone
  if (service.deletionRequestedAtMs !== null) return null
  switch (to) {
    case 'taken-down':
      checkNeverReady(operation, service)
      return { deletionRequestedAtMs: context.clock.now() }
    case 'paused':
      return service.isPaused ? null : { isPaused: true }
    case 'version-before':
      return await wayBack(tx, operation)
    default:
      return assertNever(to)
  }
}

/** Whoever serves somebody is only taken down by the verb that says so. */
function checkNeverReady(operation: Operation, { name, latestEverReadyVersion }: Service): void {
  if (latestEverReadyVersion === 0) return
  const hint = `Take it down with \`skykeep serve down ${name}\` if that is what you want.`
  throw refused(operation, `${name} serves already, and cancelling would take it down`, hint)
}

async function wayBack(tx: Tx, operation: Operation): Promise<Desire> {
  const rollout = await findRolloutOf(tx, operation.uid)
  const hint = `See how far it is with \`skykeep ops ${operation.uid}\`.`
  if (rollout?.status !== 'PROGRESSING') {
    const why = rollout?.status === 'ROLLING_BACK' ? 'it is on its way back already' : 'its rollout has ended'
    throw refused(operation, why, hint)
  }
  const { uid, serviceUid, fromVersion, toVersion } = rollout
  if (fromVersion === toVersion) {
    throw refused(operation, `version ${toVersion} is the one that it came from`, hint)
  }
  await setRolloutCancelled(tx, uid)
  const { spec } = await getServiceVersion(tx, serviceUid, fromVersion)
  return { desiredVersion: fromVersion, desiredReplicas: spec.service.replicas }
}

function refused({ uid, verb, targetName, status }: Operation, why: string, hint: string): SkykeepError {
  const reason = /^[A-Z].*\.$/.test(why) ? why : `${why} (${status}).`
  return new SkykeepError('CONFLICT', `operation ${uid} cannot be cancelled: ${why}`, {
    userMessage: `${verb} of ${targetName} is not cancelled: ${reason}`,
    hint,
  })
}
