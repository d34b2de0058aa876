import { SkykeepError } from '@skykeep/core/errors'
import type { CreatedTokenView } from '@skykeep/core/token-views'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { localTokenName, type CreateTokenInput } from './schemas.ts'

/** Makes a token with which a program acts as the asking user. Throws ALREADY_EXISTS while there is a living one of that name. */
export async function createToken(
  context: ActionContext,
  { name, expiresInSeconds }: CreateTokenInput,
): Promise<CreatedTokenView> {
  authorize(context.actor, 'token:own')
  if (name === localTokenName) {
    throw new SkykeepError('INVALID_INPUT', 'a token named local', {
      userMessage: `name: ${name} is the token of the command line on the machine of the control plane.`,
      hint: 'Give this one another name.',
    })
  }
  const expiresAtMs = expiresInSeconds === undefined ? null : context.clock.now() + expiresInSeconds * 1000
  return { name, ...(await context.issueToken(context.actor.userUid, { name, expiresAtMs })) }
}
