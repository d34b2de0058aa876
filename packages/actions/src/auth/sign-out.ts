import { SkykeepError } from '@skykeep/core/errors'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'

export async function signOut(context: ActionContext): Promise<void> {
  authorize(context.actor, 'session:end')
  throw new SkykeepError('UNAVAILABLE', 'not there yet')
}
