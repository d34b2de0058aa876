import type { TokenView } from '@skykeep/core/token-views'
import { listTokens as readTokens } from '@skykeep/db/tokens'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'

const listMax = 200

/** The tokens of the asking user, revoked ones too, newest first, at most 200. */
export async function listTokens(context: ActionContext): Promise<readonly TokenView[]> {
  authorize(context.actor, 'token:own')
  return await readTokens(context.db, context.actor.userUid, listMax)
}
