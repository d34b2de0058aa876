import { constants, createPublicKey, hash, verify, type KeyObject } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { TokensRoute } from '@skykeep/core/routes'
import type { TokenAlgorithm, TokenKeySpec } from '@skykeep/core/service-spec'
import { RecentMap } from './recent-map.ts'
import { jsonObject, takeApart, type SignedText } from './signed-text.ts'
import { SubjectLimits } from './subject-limits.ts'
import { readClaims, timeFault, type ClaimFault, type TokenClaims } from './token-claims.ts'

/** Tokens that one process knows of a service without checking their signature again: by hash, about 400 bytes each. */
const maxKnown = 4096
/** Tokens whose signature did not hold, remembered in the same way: about 200 bytes each. */
const maxRefused = 4096

/** A token that one of the keys signed. */
export interface VerifiedToken extends TokenClaims {
  /** The subject as a header may hold it; '' without one. */
  readonly subjectValue: string
}

/** Whether another signature may be checked for whoever shows a token. */
export interface SignatureGate {
  isOpen(): boolean
  /** A signature was checked, and does not hold. */
  onForged(): void
}

const alwaysOpen: SignatureGate = { isOpen: () => true, onForged: () => undefined }

interface TokenKey {
  readonly alg: TokenAlgorithm
  readonly publicKey: KeyObject
}

/**
 * Says which signed tokens let a request into one service, in one gateway process. Follows RFC 8725: the key alone decides the algorithm,
 * the issuer, the audience and an expiry are checked, and nothing of a token is believed before its signature holds.
 */
export class TokenVerifier {
  readonly route: TokensRoute
  /** Null: no limit by subject. */
  readonly subjects: SubjectLimits | null
  private readonly byKid = new Map<string, TokenKey>()
  /** For tokens that name no other key. */
  private readonly unnamed: TokenKey | null
  private readonly known: RecentMap<VerifiedToken>
  private readonly refused: RecentMap<true>
  private readonly revokedIds: ReadonlySet<string>
  /** Wall ms until which what was issued to a subject is refused. */
  private readonly revokedSubjects: ReadonlyMap<string, number>

  /** A key that cannot be read checks nothing: its tokens are refused. */
  constructor(route: TokensRoute, before: TokenVerifier | null) {
    this.route = route
    const keys = route.keys.flatMap((spec) => keyOf(spec))
    for (const { kid, key } of keys) if (kid !== undefined) this.byKid.set(kid, key)
    this.unnamed = keys.find(({ kid }) => kid === undefined)?.key ?? null
    const isSame = before !== null && isDeepStrictEqual(rulesOf(before.route), rulesOf(route))
    this.known = isSame ? before.known : new RecentMap(maxKnown)
    this.refused = isSame ? before.refused : new RecentMap(maxRefused)
    this.subjects = route.ratePerSubject === undefined ? null : (before?.subjects ?? new SubjectLimits())
    const revoked = route.revoked ?? []
    this.revokedIds = new Set(revoked.filter(({ kind }) => kind === 'token').map(({ value }) => value))
    this.revokedSubjects = new Map(
      revoked.filter(({ kind }) => kind === 'subject').map(({ value, atMs }) => [value, atMs]),
    )
  }

  /**
   * What the token is, whether it holds now or not; null: none of the keys signed it. A signature that was checked lately costs a hash and a
   * look-up (a few µs) instead of about 0.1 ms, whether it held or not.
   * @param gate asked before a signature is checked, and only then.
   * @returns 'unchecked' when the gate is shut: nothing is known of the token.
   */
  find(text: string): VerifiedToken | null
  find(text: string, gate: SignatureGate): VerifiedToken | null | 'unchecked'
  find(text: string, gate: SignatureGate = alwaysOpen): VerifiedToken | null | 'unchecked' {
    const name = hash('sha256', text)
    const known = this.known.get(name)
    if (known !== undefined) return known
    if (this.refused.get(name) === true) return null
    const parts = takeApart(text)
    const key = parts === null ? null : this.keyFor(parts)
    if (parts === null || key === null || key.alg !== parts.alg) return null
    if (!gate.isOpen()) return 'unchecked'
    if (!isSigned(key, parts)) {
      gate.onForged()
      this.refused.set(name, true)
      return null
    }
    const claims = readClaims(jsonObject(parts.payload), this.route)
    const token = { ...claims, subjectValue: headerValueOf(claims.subject ?? '') }
    // Only what a key signed gets in, so that nobody else can push it out.
    this.known.set(name, token)
    return token
  }

  /** Why it does not let a request in now; null: it does. @param nowMs wall time. */
  faultOf(token: VerifiedToken, nowMs: number): ClaimFault | null {
    return token.fault ?? timeFault(token, this.route, nowMs) ?? (this.isRevoked(token) ? 'revoked' : null)
  }

  private isRevoked({ tokenId, subject, issuedAtMs }: VerifiedToken): boolean {
    if (tokenId !== null && this.revokedIds.has(tokenId)) return true
    const untilMs = subject === null ? undefined : this.revokedSubjects.get(subject)
    // An issuer's clock may be ahead by as much.
    return untilMs !== undefined && issuedAtMs <= untilMs + this.route.leewaySeconds * 1000
  }

  /** By `kid`; a token without one has the key without one, or the only one that there is. */
  private keyFor({ kid }: SignedText): TokenKey | null {
    if (kid !== null) return this.byKid.get(kid) ?? this.unnamed
    const [only, ...more] = this.byKid.values()
    return this.unnamed ?? (more.length === 0 ? (only ?? null) : null)
  }
}

/** What decides of a token's claims: all but what is revoked, and how much a subject may ask. */
function rulesOf({ ratePerSubject, revoked: _revoked, ...rules }: TokensRoute): unknown {
  return { ...rules, isLimited: ratePerSubject !== undefined }
}

function keyOf({
  kid,
  alg,
  spki,
  jwk,
}: TokenKeySpec): { readonly kid: string | undefined; readonly key: TokenKey }[] {
  try {
    const publicKey =
      spki === undefined
        ? createPublicKey({ key: { ...jwk }, format: 'jwk' })
        : createPublicKey({ key: Buffer.from(spki, 'base64'), format: 'der', type: 'spki' })
    return [{ kid, key: { alg, publicKey } }]
  } catch {
    return []
  }
}

/** Length of an Ed25519 signature (RFC 8032 §5.1.6) and of one for P-256 (RFC 7518 §3.4). */
const pairBytes = 64

function isSigned({ alg, publicKey }: TokenKey, { signed, signature }: SignedText): boolean {
  const text = Buffer.from(signed, 'latin1')
  try {
    switch (alg) {
      case 'EdDSA':
        return signature.length === pairBytes && verify(null, text, publicKey, signature)
      case 'ES256':
        return (
          signature.length === pairBytes &&
          verify('sha256', text, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature)
        )
      case 'RS256':
        return verify('sha256', text, { key: publicKey, padding: constants.RSA_PKCS1_PADDING }, signature)
    }
  } catch {
    return false
  }
}

/** Everything but visible ASCII, and `%`, stands as its UTF-8 bytes in percent form (RFC 3986 §2.1): no subject can add a line. */
function headerValueOf(subject: string): string {
  return subject.replaceAll(/[^!-$&-~]/gu, (char) =>
    Array.from(Buffer.from(char), (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  )
}
