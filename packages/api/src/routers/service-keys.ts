import { createServiceKey } from '@skykeep/actions/service-keys/create-service-key'
import { listTokenRevocations } from '@skykeep/actions/service-keys/list-token-revocations'
import { revokeTokens } from '@skykeep/actions/service-keys/revoke-tokens'
import { listServiceKeys } from '@skykeep/actions/service-keys/list-service-keys'
import { revokeServiceKey } from '@skykeep/actions/service-keys/revoke-service-key'
import {
  createServiceKeyInput,
  revokeTokensInput,
  serviceKeyInput,
  serviceKeysInput,
} from '@skykeep/actions/service-keys/schemas'
import { rest } from '../rest/declaration.ts'
import { authedProcedure, router } from '../trpc.ts'

export const serviceKeysRouter = router({
  create: authedProcedure
    .meta(
      rest('POST /services/{service}/keys', 'Make a key of a service', {
        noIdempotencyKeyBecause:
          'its answer holds a secret, which is kept nowhere; where an answer was lost, a repetition says 409: revoke that key, and make another',
        description:
          'With `require_key: true` under `service.load_balancer.access` only requests that show one get in. It is shown only here.',
        example: { service: 'hello', name: 'mobile-app' },
      }),
    )
    .input(createServiceKeyInput)
    .mutation(({ ctx, input }) => createServiceKey(ctx.action, input)),
  list: authedProcedure
    .meta(
      rest('GET /services/{service}/keys', 'List the keys of a service', {
        description: 'Newest first, at most 500, those that were revoked or have expired too.',
        example: { service: 'hello' },
      }),
    )
    .input(serviceKeysInput)
    .query(({ ctx, input }) => listServiceKeys(ctx.action, input)),
  revoke: authedProcedure
    .meta(
      rest('DELETE /services/{service}/keys/{name}', 'Revoke a key of a service', {
        noIdempotencyKeyBecause:
          'asked again about a revoked key it only waits again until every gateway refuses it',
        description:
          'When it answers, every gateway process refuses new requests with the key; those that got in before go on.',
        example: { service: 'hello', name: 'mobile-app' },
      }),
    )
    .input(serviceKeyInput)
    .mutation(({ ctx, input }) => revokeServiceKey(ctx.action, input)),
  revokeTokens: authedProcedure
    .meta(
      rest('POST /services/{service}/token-revocations', 'Revoke signed tokens of a service', {
        noIdempotencyKeyBecause:
          'asked again it revokes what was issued until then, and waits again until every gateway refuses it',
        description:
          'One by its `jti`, or all that a `sub` was issued until now. When it answers, every gateway process refuses new requests with them. It holds until the last of them has expired.',
        example: { service: 'hello', kind: 'subject', value: 'ann@example.com' },
      }),
    )
    .input(revokeTokensInput)
    .mutation(({ ctx, input }) => revokeTokens(ctx.action, input)),
  revokedTokens: authedProcedure
    .meta(
      rest('GET /services/{service}/token-revocations', 'List the revoked tokens of a service', {
        description: 'Newest first, at most 500, those of tokens that have expired too.',
        example: { service: 'hello' },
      }),
    )
    .input(serviceKeysInput)
    .query(({ ctx, input }) => listTokenRevocations(ctx.action, input)),
})
