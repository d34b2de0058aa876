import type { TriedPart } from '@skykeep/core/tried-request'
import { SkykeepError } from '@skykeep/core/errors'
import { findEndpoint } from '@skykeep/db/endpoints'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { livingService } from '../services/living-service.ts'
import { tlsServices } from '../services/tls-services.ts'
import type { TryRequestInput } from './schemas.ts'
import { OwnKeys } from './own-keys.ts'
import { sendRequest } from './send-request.ts'

/**
 * Sends one request to the service's own endpoint, through the gateway as everybody's, and gives what comes back as it comes. Where it goes
 * is the endpoint's row and nothing that was typed; a redirect is shown and not followed. Where the service asks for a key and none was
 * typed, it shows one of the control plane's own. Throws NOT_FOUND, UNAVAILABLE (no open endpoint).
 */
export async function* tryRequest(
  context: ActionContext,
  input: TryRequestInput,
  signal: AbortSignal,
): AsyncGenerator<TriedPart> {
  authorize(context.actor, 'service:write')
  const { db, clock } = context
  const service = await livingService(context, db, input.name)
  const endpoint = await findEndpoint(db, service.uid)
  if (endpoint === null || endpoint.status !== 'OPEN') {
    throw new SkykeepError('UNAVAILABLE', `the endpoint of ${service.uid} is not open`, {
      userMessage: `The endpoint of ${service.name} is not open yet.`,
      hint: 'Its state stands beside its address.',
    })
  }
  const tls = await tlsServices(db, [{ serviceUid: service.uid, version: service.targetVersion }])
  const { host, port } = endpoint
  const place = { host, port, isTls: tls.has(service.uid) }
  const own = hasKey(input) ? null : await OwnKeys.of(db).keyFor(context, service)
  if (own === null) return yield* sendRequest(place, input, { clock, signal })
  const headers = [...input.headers, { name: 'X-Api-Key', value: own }]
  for await (const part of sendRequest(place, { ...input, headers }, { clock, signal })) {
    if (part.type === 'head' && part.status === 401) OwnKeys.of(db).drop(service.uid)
    yield part
  }
}

function hasKey({ headers }: TryRequestInput): boolean {
  return headers.some(({ name }) => ['authorization', 'x-api-key'].includes(name.toLowerCase()))
}
