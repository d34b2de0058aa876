import { createSignInCode } from '@skykeep/actions/auth/create-sign-in-code'
import { getMe } from '@skykeep/actions/auth/get-me'
import { signOut } from '@skykeep/actions/auth/sign-out'
import { rest } from '../rest/declaration.ts'
import { authedProcedure, router } from '../trpc.ts'

export const authRouter = router({
  me: authedProcedure.meta(rest('GET /me', 'Show who you are')).query(({ ctx }) => getMe(ctx.action)),
  createSignInCode: authedProcedure
    .meta(
      rest('POST /sign-in-codes', 'Make a link to sign in to the dashboard', {
        noIdempotencyKeyBecause:
          'its answer holds a secret, which is kept nowhere; send it again without, and the link that was lost ends by itself',
        description: 'The link holds once, for ten minutes. It is shown only here.',
      }),
    )
    .mutation(({ ctx }) => createSignInCode(ctx.action)),
  signOut: authedProcedure
    .meta(
      rest('POST /sign-out', 'End the session that asks', {
        noIdempotencyKeyBecause: 'it ends the session that would have to ask again',
        description: 'Ends a session of the dashboard. A token is no session: revoke it instead.',
      }),
    )
    .mutation(async ({ ctx }) => {
      await signOut(ctx.action)
      ctx.clearSessionCookie()
    }),
})
