import { SkykeepError } from '@skykeep/core/errors'
import type { RevokedTokensView } from '@skykeep/core/service-key-views'
import { revocationSeconds } from '@skykeep/core/service-spec'
import { appendEvent } from '@skykeep/db/events'
import { getServiceVersion } from '@skykeep/db/service-versions'
import { countTokenRevocations, saveTokenRevocation } from '@skykeep/db/token-revocations'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { livingService } from '../services/living-service.ts'
import type { RevokeTokensInput } from './schemas.ts'
import { untilEveryGateway } from './until-every-gateway.ts'

/** Each is a row of the route table while tokens may hold that it is about. */
const livingMax = 1000

/**
 * Ends signed tokens of a service before they expire: one by its `jti`, or all that a subject was issued until now. When it returns, every
 * living gateway process has acked a table that says so, so that no new request with one gets in; what had got in before goes on. Throws
 * NOT_FOUND, CONFLICT (too many); UNAVAILABLE when a gateway did not ack within 10 s: they are refused as soon as that gateway answers.
 */
export async function revokeTokens(
  context: ActionContext,
  { service: serviceName, kind, value }: RevokeTokensInput,
): Promise<RevokedTokensView> {
  authorize(context.actor, 'service:write')
  const { actor, clock, ids } = context
  const { serviceUid, ...view } = await context.db.transaction(
    async (tx) => {
      const service = await livingService(context, tx, serviceName)
      const { spec } = await getServiceVersion(tx, service.uid, service.targetVersion)
      const tokens = spec.service.access?.tokens
      const keptMs = tokens === undefined ? 0 : revocationSeconds(tokens) * 1000
      if ((await countTokenRevocations(tx, service.uid, clock.now() - keptMs)) >= livingMax)
        throw tooMany(serviceName)
      const revocation = {
        uid: ids.uid('rev'),
        serviceUid: service.uid,
        kind,
        value,
        revokedBy: actor.userUid,
      }
      const saved = await saveTokenRevocation(tx, revocation)
      const what = kind === 'token' ? `the signed token ${value}` : `the signed tokens of ${value}`
      await appendEvent(tx, {
        kind: 'service',
        uid: service.uid,
        serviceName: service.name,
        type: 'service-token.revoked',
        reason: 'ASKED',
        message: `${actor.name} revoked ${what} of ${service.name}.`,
        actor: actor.userUid,
      })
      return { ...saved, serviceUid: service.uid, areTokensTaken: tokens !== undefined }
    },
    { fence: context.fence },
  )
  const isEverywhere = await untilEveryGateway(context, serviceUid, (access) =>
    access?.tokens === undefined
      ? true
      : (access.tokens.revoked ?? []).some(
          (each) => each.kind === kind && each.value === value && each.atMs >= view.revokedAtMs,
        ),
  )
  if (isEverywhere) return { ...view, service: serviceName, revokedBy: actor.name }
  throw new SkykeepError('UNAVAILABLE', `not every gateway has acked the end of ${kind} ${value}`, {
    userMessage: 'They are revoked, but not every gateway process has said yet that it refuses them.',
    hint: 'Look at `skykeep status`, and run the same again: it waits until all of them do.',
  })
}

function tooMany(service: string): SkykeepError {
  return new SkykeepError('CONFLICT', `service ${service} has ${livingMax} revocations`, {
    userMessage: `${service} has ${livingMax} revocations of tokens that may hold still, which is as many as it may have.`,
    hint: 'Replace the public key with which they are signed: that ends all of its tokens at once. Or let tokens hold for less time.',
  })
}
