import type { Clock } from '@skykeep/core/clock'
import {
  forbidden,
  lacksClaim,
  tooMany,
  tooManyForged,
  unauthorized,
  type AccessRefusal,
} from './access-answers.ts'
import type { AddressRanges } from './address-ranges.ts'
import type { FieldPlace } from './field-place.ts'
import { matchesName } from './field-scan.ts'
import { clientOf, type ForgeryLimits } from './forgery-limits.ts'
import type { KeyRing, ServiceKey } from './key-ring.ts'
import type { RequestHead } from './request-head.ts'
import type { ServiceAccess } from './service-access.ts'
import type { TokenBucket } from './token-bucket.ts'
import type { ClaimFault } from './token-claims.ts'
import type { SignatureGate, TokenVerifier, VerifiedToken } from './token-verifier.ts'

const bearerLength = 'bearer'.length
const space = 0x20

/** What the admissions of one process have in common. */
export interface AdmissionPlane {
  readonly clock: Pick<Clock, 'now' | 'monotonicMs'>
  readonly forgeries: ForgeryLimits
}

/**
 * Whether the requests of one connection may pass, those of all streams of one HTTP/2 connection among them. It remembers what it found for the connection's address and for the key and the token
 * that were shown last, so that further requests with them cost a comparison of two texts of the same client: no hash, no look-up, no
 * signature.
 */
export class Admission implements SignatureGate {
  private readonly address: string
  private readonly plane: AdmissionPlane
  /** By which the address was found to be allowed. */
  private allowedBy: AddressRanges | null = null
  /** The ring that knows `key` by the text `shown`. */
  private ring: KeyRing | null = null
  private shown = ''
  private key: ServiceKey | null = null
  /** By which `shownToken` was found to be `token`; null: none of its keys signed it. */
  private verifier: TokenVerifier | null = null
  private shownToken = ''
  private token: VerifiedToken | null = null

  /** @param address of the client as it connected: what X-Forwarded-For says is never asked. */
  constructor(address: string, plane: AdmissionPlane) {
    this.address = address
    this.plane = plane
  }

  /**
   * What to answer instead of passing it on: 403, 401 or 429; null: it may pass, and counts. Withholds the field with the key or the
   * token, and what a client says in the gateway's name.
   */
  refusalOf(access: ServiceAccess, head: RequestHead): AccessRefusal | null {
    const { ranges, keys, tokens } = access
    if (ranges !== null && ranges !== this.allowedBy) {
      if (!ranges.has(this.address)) return forbidden
      this.allowedBy = ranges
    }
    if (access.subjectField !== null) head.withholdNamed(access.subjectField)
    if (keys === null || (access.route.allowsPreflight === true && head.isPreflight)) {
      return this.overLimit(access, null)
    }
    const { authorization, apiKey } = head
    if (authorization.count > 1 || apiKey.count > 1) return unauthorized(access, head, null)
    const bearer = authorization.count === 1 ? bearerOf(head.text, authorization) : ''
    // No key has a dot, and no token is without.
    if (tokens === null || !bearer.includes('.')) return this.judgeKeys(access, keys, { head, bearer })
    return this.judgeToken(access, tokens, { head, bearer })
  }

  private judgeKeys(access: ServiceAccess, keys: KeyRing, { head, bearer }: Shown): AccessRefusal | null {
    const { authorization, apiKey } = head
    const byBearer = this.find(keys, bearer)
    const byField = apiKey.count === 1 ? this.find(keys, textOf(head.text, apiKey)) : null
    if (access.route.forwardsKey !== true) {
      if (byBearer !== null) head.withhold(authorization)
      if (byField !== null) head.withhold(apiKey)
    }
    const key = byBearer ?? byField
    return key === null ? unauthorized(access, head, null) : this.overLimit(access, key.bucket)
  }

  /** A token that does not hold decides nothing where a key is shown beside it. */
  private judgeToken(access: ServiceAccess, tokens: TokenVerifier, shown: Shown): AccessRefusal | null {
    const { head, bearer } = shown
    const token = this.tokenOf(tokens, bearer)
    if (token === null) return this.judgeWithoutToken(access, head, 'unknown')
    if (token === 'unchecked') return this.judgeWithoutToken(access, head, token)
    if (access.route.forwardsKey !== true) head.withhold(head.authorization)
    const fault = tokens.faultOf(token, this.plane.clock.now())
    if (fault !== null) return this.judgeWithoutToken(access, head, fault)
    const { subject } = token
    if (access.subjectField !== null) head.add(access.route.tokens?.subjectHeader ?? '', token.subjectValue)
    const limits = tokens.subjects
    const bucket =
      limits === null || subject === null ? null : limits.bucketOf(subject, this.plane.clock.monotonicMs())
    return this.overLimit(access, bucket)
  }

  private judgeWithoutToken(
    access: ServiceAccess,
    head: RequestHead,
    fault: ClaimFault | 'unknown' | 'unchecked',
  ): AccessRefusal | null {
    if (head.apiKey.count === 1 && access.keys !== null) {
      const byKey = this.judgeKeys(access, access.keys, { head, bearer: '' })
      if (byKey === null || byKey.status === 429) return byKey
    }
    if (fault === 'unchecked') return tooManyForged(this.forgeryWaitMs)
    return fault === 'scope' ? lacksClaim(access) : unauthorized(access, head, fault)
  }

  private find(ring: KeyRing, text: string): ServiceKey | null {
    if (text === '') return null
    if (this.ring !== ring || this.shown !== text) {
      const found = ring.find(text)
      if (found === null) return null
      this.ring = ring
      this.shown = text
      this.key = found
    }
    const { key } = this
    return key !== null && this.plane.clock.now() < key.expiresAtMs ? key : null
  }

  private tokenOf(tokens: TokenVerifier, text: string): VerifiedToken | null | 'unchecked' {
    if (this.verifier !== tokens || this.shownToken !== text) {
      const found = tokens.find(text, this)
      if (found === 'unchecked') return found
      this.token = found
      this.verifier = tokens
      // A copy: a piece of a head would keep the whole of it.
      this.shownToken = Buffer.from(text, 'latin1').toString('latin1')
    }
    return this.token
  }

  private get forgeryWaitMs(): number {
    return this.plane.forgeries.waitMs(clientOf(this.address), this.plane.clock.monotonicMs())
  }

  isOpen(): boolean {
    return this.forgeryWaitMs === 0
  }

  onForged(): void {
    this.plane.forgeries.note(clientOf(this.address), this.plane.clock.monotonicMs())
  }

  /** Takes one from each limit, or from none. */
  private overLimit({ bucket }: ServiceAccess, ofHolder: TokenBucket | null): AccessRefusal | null {
    if (bucket === null && ofHolder === null) return null
    const now = this.plane.clock.monotonicMs()
    const waitOfHolder = ofHolder?.waitMs(now) ?? 0
    if (waitOfHolder > 0)
      return tooMany('rate', 'more requests with this credential than it may have', waitOfHolder)
    const wait = bucket?.waitMs(now) ?? 0
    if (wait > 0) return tooMany('rate', 'more requests than this service takes', wait)
    ofHolder?.take()
    bucket?.take()
    return null
  }
}

/** What a request shows: its head, and the text behind `Bearer`. */
interface Shown {
  readonly head: RequestHead
  readonly bearer: string
}

/** The token of `Bearer token`, whatever the case of the scheme (RFC 9110 §11.1, RFC 6750 §2.1); '' for another scheme. */
function bearerOf(text: string, { valueStart, valueEnd }: FieldPlace): string {
  let at = valueStart + bearerLength
  if (at >= valueEnd || text.charCodeAt(at) !== space || !matchesName(text, valueStart, 'bearer')) return ''
  while (text.charCodeAt(at) === space) at += 1
  return text.slice(at, valueEnd)
}

function textOf(text: string, { valueStart, valueEnd }: FieldPlace): string {
  return text.slice(valueStart, valueEnd)
}
