import type { OwnAnswer } from './own-response.ts'
import type { RefusalKind } from './refusals.ts'
import type { RequestHead } from './request-head.ts'
import type { ServiceAccess } from './service-access.ts'
import type { ClaimFault } from './token-claims.ts'

/** What a rule for access answers, and the kind by which it is counted. */
export interface AccessRefusal extends OwnAnswer {
  readonly kind: RefusalKind
}

export const forbidden: AccessRefusal = {
  kind: 'address',
  status: 403,
  text: 'this service takes no request from your address',
}

/**
 * What the client of a token learns. Of a token that no key signed, and of what a signed one says wrongly, nothing but that: neither which
 * keys there are nor what was wanted. In the characters of RFC 6750 §3.
 */
const faults: Readonly<Record<ClaimFault | 'unknown', string>> = {
  unknown: 'the token is not one of this service',
  malformed: 'the token has no whole claims',
  expired: 'the token has expired',
  early: 'the token does not hold yet',
  long_lived: 'the token holds longer than this service takes',
  issuer: 'the token is of another issuer',
  audience: 'the token is for another audience',
  subject: 'the token has no subject',
  scope: 'the token lacks a claim that this service wants',
  revoked: 'the token was revoked',
}

/** 401 with its challenge (RFC 6750 §3): no error code for a request without credentials. @param fault of a token; null: none was shown. */
export function unauthorized(
  access: ServiceAccess,
  { authorization, apiKey }: RequestHead,
  fault: ClaimFault | 'unknown' | null,
): AccessRefusal {
  const challenge = `Bearer realm="${access.serviceName}"`
  if (authorization.count === 0 && apiKey.count === 0) {
    return { kind: 'key', status: 401, text: `send ${wantedBy(access)}`, challenge }
  }
  const invalid = `${challenge}, error="invalid_token"`
  if (fault === null) {
    const text = 'this key is not one of this service, or it holds no longer'
    return { kind: 'key', status: 401, text, challenge: invalid }
  }
  const text = faults[fault]
  return { kind: 'token', status: 401, text, challenge: `${invalid}, error_description="${text}"` }
}

function wantedBy({ route, tokens }: ServiceAccess): string {
  if (tokens === null) return 'a key of this service as Authorization: Bearer KEY'
  const isKeyTaken = (route.keys?.length ?? 0) > 0
  return isKeyTaken
    ? 'a token or a key of this service as Authorization: Bearer TOKEN'
    : 'a token of this service as Authorization: Bearer TOKEN'
}

/** 403 for a token that holds and is not enough (RFC 6750 §3.1). */
export function lacksClaim({ serviceName }: ServiceAccess): AccessRefusal {
  const challenge = `Bearer realm="${serviceName}", error="insufficient_scope", error_description="${faults.scope}"`
  return { kind: 'claim', status: 403, text: faults.scope, challenge }
}

/** Before the signature of a token is checked: too many from this client did not hold. @param waitMs above 0. */
export function tooManyForged(waitMs: number): AccessRefusal {
  return tooMany(
    'forged',
    'too many tokens from your address were signed by nobody who is known here',
    waitMs,
  )
}

/** @param waitMs above 0. */
export function tooMany(kind: RefusalKind, text: string, waitMs: number): AccessRefusal {
  return { kind, status: 429, text, retryAfterSeconds: Math.ceil(waitMs / 1000) }
}
