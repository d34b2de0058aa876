import { createServiceKey } from '@skykeep/actions/service-keys/create-service-key'
import { listServiceKeys } from '@skykeep/actions/service-keys/list-service-keys'
import { revokeServiceKey } from '@skykeep/actions/service-keys/revoke-service-key'
import {
  createServiceKeyInput,
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
})
