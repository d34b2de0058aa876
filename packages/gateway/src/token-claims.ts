import type { TokensRoute } from '@skykeep/core/routes'

/** Why a token that is signed by one of the keys does not let a request in. */
export type ClaimFault =
  'expired' | 'early' | 'long_lived' | 'issuer' | 'audience' | 'subject' | 'malformed' | 'scope' | 'revoked'

/** What counts of the claims of a token whose signature holds. Times are wall ms. */
export interface TokenClaims {
  readonly subject: string | null
  readonly tokenId: string | null
  readonly expiresAtMs: number
  readonly notBeforeMs: number
  readonly issuedAtMs: number
  /** What will never be right of it under these rules; null: only time decides. */
  readonly fault: ClaimFault | null
}

/** Longest `sub` and `jti` (OpenID Connect Core §2 has 255 for `sub`): each is remembered. */
const maxNameCharacters = 255
/** In the year 5138: what is later is no time. */
const latestSecond = 1e11
const never = { subject: null, tokenId: null, expiresAtMs: 0, notBeforeMs: 0, issuedAtMs: 0 }

type Claims = Readonly<Record<string, unknown>>

/** Reads the registered claims (RFC 7519 §4.1) and judges what does not change with time. Pure. */
export function readClaims(claims: Claims | null, rules: TokensRoute): TokenClaims {
  if (claims === null) return { ...never, fault: 'malformed' }
  const { exp, nbf, iat, sub, jti } = claims
  const isWhole = isTime(exp) && isTime(iat) && isTimeOrAbsent(nbf) && isName(sub) && isName(jti)
  if (!isWhole) return { ...never, fault: 'malformed' }
  return {
    subject: sub ?? null,
    tokenId: jti ?? null,
    expiresAtMs: exp * 1000,
    notBeforeMs: (nbf ?? 0) * 1000,
    issuedAtMs: iat * 1000,
    fault: faultOf(claims, rules),
  }
}

function faultOf(claims: Claims, rules: TokensRoute): ClaimFault | null {
  const { issuer, audience } = rules
  if (issuer !== undefined && claims['iss'] !== issuer) return 'issuer'
  if (!isFor(claims['aud'], audience)) return 'audience'
  const needsSubject = rules.ratePerSubject !== undefined || rules.subjectHeader !== undefined
  if (needsSubject && claims['sub'] === undefined) return 'subject'
  const wanted = Object.entries(rules.claims ?? {})
  return wanted.every(([name, value]) => holds(claims[name], name, value)) ? null : 'scope'
}

/** RFC 7519 §4.1.3: who finds itself not among those that a token names must refuse it. */
function isFor(aud: unknown, audience: string | undefined): boolean {
  if (audience === undefined) return aud === undefined
  return aud === audience || (Array.isArray(aud) && aud.includes(audience))
}

/** `scope` is a list of words in one text (RFC 8693 §4.2). */
function holds(claim: unknown, name: string, value: string): boolean {
  if (claim === value) return true
  if (Array.isArray(claim)) return claim.includes(value)
  return name === 'scope' && typeof claim === 'string' && claim.split(' ').includes(value)
}

/** What time says of a token; null: it holds now. @param nowMs wall time. */
export function timeFault(
  { expiresAtMs, notBeforeMs, issuedAtMs }: TokenClaims,
  { leewaySeconds, maxLifetimeSeconds }: TokensRoute,
  nowMs: number,
): ClaimFault | null {
  const leewayMs = leewaySeconds * 1000
  if (nowMs >= expiresAtMs + leewayMs) return 'expired'
  if (nowMs < Math.max(notBeforeMs, issuedAtMs) - leewayMs) return 'early'
  return expiresAtMs - issuedAtMs > maxLifetimeSeconds * 1000 ? 'long_lived' : null
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= latestSecond
}

function isTimeOrAbsent(value: unknown): value is number | undefined {
  return value === undefined || isTime(value)
}

function isName(value: unknown): value is string | undefined {
  if (value === undefined) return true
  return (
    typeof value === 'string' && value !== '' && value.length <= maxNameCharacters && value.isWellFormed()
  )
}
