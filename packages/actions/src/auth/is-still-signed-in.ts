import { isSessionLiving } from '@skykeep/db/sessions'
import { isTokenLiving } from '@skykeep/db/tokens'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'

/** Whether the session or token that was shown at the start of a stream still holds. */
export async function isStillSignedIn(context: ActionContext): Promise<boolean> {
  authorize(context.actor, 'me:read')
  const { kind, credentialUid } = context.actor
  return await (kind === 'session' ? isSessionLiving : isTokenLiving)(context.db, credentialUid)
}
