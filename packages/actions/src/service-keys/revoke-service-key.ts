import { SkykeepError } from '@skykeep/core/errors'
import { appendEvent } from '@skykeep/db/events'
import { findServiceKey, revokeServiceKey as endKey } from '@skykeep/db/service-keys'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { livingService } from '../services/living-service.ts'
import type { ServiceKeyInput } from './schemas.ts'
import { untilEveryGateway } from './until-every-gateway.ts'

/**
 * Ends a key of a service. When it returns, every living gateway process has acked a table without it, so that no new request with it gets
 * in; what had got in before goes on. Asked again about a revoked key it only waits again. Throws NOT_FOUND; UNAVAILABLE when a gateway
 * did not ack within 10 s: the key is revoked then, and is refused as soon as that gateway answers.
 */
export async function revokeServiceKey(
  context: ActionContext,
  { service: serviceName, name }: ServiceKeyInput,
): Promise<void> {
  authorize(context.actor, 'service:write')
  const { actor } = context
  const { serviceUid, keyHash } = await context.db.transaction(
    async (tx) => {
      const service = await livingService(context, tx, serviceName)
      const key = await findServiceKey(tx, service.uid, name)
      if (key === null) throw unknownKey(serviceName, name)
      const found = { serviceUid: service.uid, keyHash: key.keyHash }
      if (key.revokedAtMs !== null) return found
      await endKey(tx, key.uid)
      await appendEvent(tx, {
        kind: 'service',
        uid: service.uid,
        serviceName: service.name,
        type: 'service-key.revoked',
        reason: 'ASKED',
        message: `${actor.name} revoked the key ${name} of ${service.name}.`,
        actor: actor.userUid,
      })
      return found
    },
    { fence: context.fence },
  )
  const isEverywhere = await untilEveryGateway(
    context,
    serviceUid,
    (access) => access?.keys?.every(({ hash }) => hash !== keyHash) ?? true,
  )
  if (isEverywhere) return
  throw new SkykeepError('UNAVAILABLE', `not every gateway has acked the end of key ${name}`, {
    userMessage: `The key ${name} is revoked, but not every gateway process has said yet that it refuses it.`,
    hint: 'Look at `skykeep status`, and run the same again: it waits until all of them do.',
  })
}

function unknownKey(service: string, name: string): SkykeepError {
  return new SkykeepError('NOT_FOUND', `service ${service} has no key ${name}`, {
    userMessage: `${service} has no key named ${name}.`,
    hint: `Run \`skykeep key list ${service}\` to see those that there are.`,
  })
}
