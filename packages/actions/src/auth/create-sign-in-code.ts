import type { SignInCodeView } from '@skykeep/core/views'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'

/** A link with which the asking user signs in to the dashboard once, within ten minutes. */
export async function createSignInCode(context: ActionContext): Promise<SignInCodeView> {
  authorize(context.actor, 'sign-in-code:create')
  const { code, expiresAtMs } = await context.issueSignInCode(context.actor.userUid)
  // After the `#` it stays in the browser: no server and no log sees it in an address.
  return { code, url: `${context.dashboardUrl}/sign-in#${code}`, expiresAtMs }
}
