import { SkykeepError } from '@skykeep/core/errors'
import type { CreatedServiceKeyView } from '@skykeep/core/service-key-views'
import { appendEvent } from '@skykeep/db/events'
import { countLivingKeys, findServiceKey, insertServiceKey } from '@skykeep/db/service-keys'
import { getServiceVersion } from '@skykeep/db/service-versions'
import { hashToken } from '@skykeep/secrets/token-hash'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { serviceToChange } from '../services/service-to-change.ts'
import { isLiving } from './is-living.ts'
import type { CreateServiceKeyInput } from './schemas.ts'
import { untilEveryGateway } from './until-every-gateway.ts'

/** Each is a row of the route table, which every gateway process holds. */
const livingMax = 500
/** So few give nothing away of 43 (6 bits each), and tell a person which key a client has. */
const endingCharacters = 4

/**
 * Makes a key (256 random bits: that is why a plain SHA-256 of it may be stored, without salt or a slow hash) with which clients may ask a
 * service, and waits up to 10 s until every gateway takes it. Throws ALREADY_EXISTS while there is a living one of that name, NOT_FOUND,
 * CONFLICT (being shut down, or too many keys).
 */
export async function createServiceKey(
  context: ActionContext,
  { service: serviceName, name, expiresInSeconds }: CreateServiceKeyInput,
): Promise<CreatedServiceKeyView> {
  authorize(context.actor, 'service:write')
  const { clock, ids, actor } = context
  const key = `sk_${serviceName}_${ids.secret()}`
  const keyHash = hashToken(key)
  const ending = key.slice(-endingCharacters)
  const expiresAtMs = expiresInSeconds === undefined ? null : clock.now() + expiresInSeconds * 1000
  const made = await context.db.transaction(
    async (tx) => {
      const service = await serviceToChange(context, tx, serviceName)
      const before = await findServiceKey(tx, service.uid, name)
      if (before !== null && isLiving(before, clock.now())) throw alreadyThere(serviceName, name)
      if ((await countLivingKeys(tx, service.uid)) >= livingMax) throw tooMany(serviceName)
      const uid = ids.uid('key')
      const createdBy = actor.userUid
      await insertServiceKey(tx, {
        uid,
        serviceUid: service.uid,
        name,
        keyHash,
        ending,
        createdBy,
        expiresAtMs,
      })
      await appendEvent(tx, {
        kind: 'service',
        uid: service.uid,
        serviceName: service.name,
        type: 'service-key.created',
        reason: 'ASKED',
        message:
          expiresAtMs === null
            ? `${actor.name} made the key ${name} of ${service.name}.`
            : `${actor.name} made the key ${name} of ${service.name}; it expires at ${new Date(expiresAtMs).toISOString()}.`,
        actor: createdBy,
      })
      const { spec } = await getServiceVersion(tx, service.uid, service.targetVersion)
      const isKeyRequired = spec.service.access?.requireKey === true
      return { uid, serviceUid: service.uid, isKeyRequired, createdAtMs: tx.clock.now() }
    },
    { fence: context.fence },
  )
  const { serviceUid, ...view } = made
  if (made.isKeyRequired) {
    await untilEveryGateway(
      context,
      serviceUid,
      (access) => access?.keys?.some(({ hash }) => hash === keyHash) ?? true,
    )
  }
  return { ...view, service: serviceName, name, key, expiresAtMs }
}

function alreadyThere(service: string, name: string): SkykeepError {
  return new SkykeepError('ALREADY_EXISTS', `service ${service} has a key ${name}`, {
    userMessage: `${service} has a key named ${name} already.`,
    hint: `Give this one another name, or run \`skykeep key revoke ${service} ${name}\` first.`,
  })
}

function tooMany(service: string): SkykeepError {
  return new SkykeepError('CONFLICT', `service ${service} has ${livingMax} keys`, {
    userMessage: `${service} has ${livingMax} keys that hold, which is as many as it may have.`,
    hint: 'Revoke some that nobody needs, or let clients share one.',
  })
}
