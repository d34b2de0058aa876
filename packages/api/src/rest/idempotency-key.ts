import { SkykeepError } from '@skykeep/core/errors'
import type { RestRoute } from './routes.ts'

export const idempotencyHeader = 'Idempotency-Key'
/** Says, with `true`, that an answer is the one that was given before. */
export const replayedHeader = 'Idempotency-Replayed'
/** Visible ASCII, 1 to 255 characters; a structured string in quotes is taken as it stands, with them. */
export const idempotencyKeyPattern = '^[\\x21-\\x7E]{1,255}$'

const valid = new RegExp(idempotencyKeyPattern)

/** The key of a request, or null without one. Throws INVALID_INPUT for what is no key, UNSUPPORTED where the route takes none. */
export function idempotencyKeyOf(headers: Headers, route: RestRoute): string | null {
  const key = headers.get(idempotencyHeader)
  if (key === null) return null
  const reason = refusalOf(route)
  if (reason !== null) refuseIdempotencyKey(headers, reason)
  if (valid.test(key)) return key
  throw new SkykeepError('INVALID_INPUT', 'an idempotency key that is none', {
    userMessage: `${idempotencyHeader} must be 1 to 255 visible ASCII characters without a space, sent once.`,
    hint: 'Take a random one for each request, such as a UUID, and send the same one when you send that request again.',
  })
}

/** Why the route takes no key; null: it takes one. */
export function refusalOf({ kind, noIdempotencyKeyBecause }: RestRoute): string | null {
  return kind === 'mutation' ? (noIdempotencyKeyBecause ?? null) : 'it changes nothing: send it again without'
}

/** Throws UNSUPPORTED where a key was sent: a promise that is not kept must not be passed over. */
export function refuseIdempotencyKey(headers: Headers, reason: string): void {
  if (!headers.has(idempotencyHeader)) return
  throw new SkykeepError('UNSUPPORTED', 'this path takes no idempotency key', {
    userMessage: `The header ${idempotencyHeader} is not supported here: ${reason}.`,
    hint: 'Leave it out. What may be sent twice stands in docs/api.md.',
  })
}
