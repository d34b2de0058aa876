import { createSignInCode } from '@skykeep/actions/auth/create-sign-in-code'
import { getMe } from '@skykeep/actions/auth/get-me'
import { signOut } from '@skykeep/actions/auth/sign-out'
import { authedProcedure, router } from '../trpc.ts'

export const authRouter = router({
  me: authedProcedure.query(({ ctx }) => getMe(ctx.action)),
  createSignInCode: authedProcedure.mutation(({ ctx }) => createSignInCode(ctx.action)),
  signOut: authedProcedure.mutation(async ({ ctx }) => {
    await signOut(ctx.action)
    ctx.clearSessionCookie()
  }),
})
