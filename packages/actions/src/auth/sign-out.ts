import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'

/** Ends the session that asks, at once and everywhere. A token is no session: it goes on. */
export async function signOut(context: ActionContext): Promise<void> {
  authorize(context.actor, 'session:end')
  if (context.actor.kind === 'session') await context.endSession(context.actor.credentialUid)
}
