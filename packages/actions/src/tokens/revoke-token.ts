import { SkykeepError } from '@skykeep/core/errors'
import { appendEvent } from '@skykeep/db/events'
import { findLivingToken, revokeTokens } from '@skykeep/db/tokens'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { recordAnswer } from '../idempotency/record-answer.ts'
import { localTokenName, type TokenNameInput } from './schemas.ts'

/** Ends a token of the asking user, at once and everywhere; its streams end within half a minute. Throws NOT_FOUND, INVALID_INPUT. */
export async function revokeToken(context: ActionContext, { name }: TokenNameInput): Promise<void> {
  authorize(context.actor, 'token:own')
  if (name === localTokenName) {
    throw new SkykeepError('INVALID_INPUT', 'the token named local', {
      userMessage: `name: ${name} is the token of the command line on the machine of the control plane, which needs it.`,
      hint: 'To replace it, remove the file keys/local-token and start the control plane again.',
    })
  }
  const { userUid } = context.actor
  await context.db.transaction(
    async (tx) => {
      const uid = await findLivingToken(tx, userUid, name)
      if (uid === null) {
        throw new SkykeepError('NOT_FOUND', `user ${userUid} has no token ${name}`, {
          userMessage: `You have no token named ${name} that holds.`,
          hint: 'Run `skykeep token list` to see those that there are.',
        })
      }
      await revokeTokens(tx, userUid, name)
      await appendEvent(tx, {
        kind: 'system',
        uid,
        type: 'token.revoked',
        reason: 'ASKED',
        message: `The token ${name} was revoked.`,
        actor: userUid,
      })
      await recordAnswer(context, tx, undefined)
    },
    { fence: context.fence },
  )
}
