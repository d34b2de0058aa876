import type { SignInCodeView } from '@skykeep/core/views'
import { SkykeepError } from '@skykeep/core/errors'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'

export async function createSignInCode(context: ActionContext): Promise<SignInCodeView> {
  authorize(context.actor, 'sign-in-code:create')
  throw new SkykeepError('UNAVAILABLE', 'not there yet')
}
