import { createToken } from '@skykeep/actions/tokens/create-token'
import { listTokens } from '@skykeep/actions/tokens/list-tokens'
import { revokeToken } from '@skykeep/actions/tokens/revoke-token'
import { createTokenInput, tokenNameInput } from '@skykeep/actions/tokens/schemas'
import { rest } from '../rest/declaration.ts'
import { authedProcedure, router } from '../trpc.ts'

export const tokensRouter = router({
  create: authedProcedure
    .meta(
      rest('POST /tokens', 'Make a token', {
        noIdempotencyKeyBecause:
          'its answer holds a secret, which is kept nowhere; where an answer was lost, a repetition says 409: revoke that token, and make another',
        description:
          'A program that shows it acts as you until it is revoked, or `expiresInSeconds` have passed. It is shown only here.',
        example: { name: 'ci-deploy' },
      }),
    )
    .input(createTokenInput)
    .mutation(({ ctx, input }) => createToken(ctx.action, input)),
  list: authedProcedure
    .meta(
      rest('GET /tokens', 'List your tokens', {
        description: 'Newest first, at most 200, those that were revoked or have expired too.',
      }),
    )
    .query(({ ctx }) => listTokens(ctx.action)),
  revoke: authedProcedure
    .meta(
      rest('DELETE /tokens/{name}', 'Revoke a token', {
        description: 'At once and everywhere; what it streams ends within half a minute.',
        example: { name: 'ci-deploy' },
      }),
    )
    .input(tokenNameInput)
    .mutation(({ ctx, input }) => revokeToken(ctx.action, input)),
})
