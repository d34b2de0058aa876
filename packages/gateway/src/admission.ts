import type { Clock } from '@skykeep/core/clock'
import type { AddressRanges } from './address-ranges.ts'
import type { FieldPlace } from './field-place.ts'
import { matchesName } from './field-scan.ts'
import type { KeyRing, ServiceKey } from './key-ring.ts'
import type { OwnAnswer } from './own-response.ts'
import type { RequestHead } from './request-head.ts'
import type { ServiceAccess } from './service-access.ts'

const bearerLength = 'bearer'.length
const space = 0x20

/**
 * Whether the requests of one connection may pass. It remembers what it found for the connection's address and for the key that was shown
 * last, so that further requests with it cost a comparison of two texts of the same client: no hash, no look-up.
 */
export class Admission {
  private readonly address: string
  private readonly clock: Pick<Clock, 'now' | 'monotonicMs'>
  /** By which the address was found to be allowed. */
  private allowedBy: AddressRanges | null = null
  /** The ring that knows `key` by the text `shown`. */
  private ring: KeyRing | null = null
  private shown = ''
  private key: ServiceKey | null = null

  /** @param address of the client as it connected: what X-Forwarded-For says is never asked. */
  constructor(address: string, clock: Pick<Clock, 'now' | 'monotonicMs'>) {
    this.address = address
    this.clock = clock
  }

  /** What to answer instead of passing it on: 403, 401 or 429; null: it may pass, and counts. Withholds the field with the key. */
  refusalOf(access: ServiceAccess, head: RequestHead): OwnAnswer | null {
    const { ranges, keys } = access
    if (ranges !== null && ranges !== this.allowedBy) {
      if (!ranges.has(this.address)) return forbidden
      this.allowedBy = ranges
    }
    if (keys === null || (access.route.allowsPreflight === true && head.isPreflight)) {
      return this.overLimit(access, null)
    }
    const key = this.keyOf(access, keys, head)
    return key === null ? unauthorized(access, head) : this.overLimit(access, key)
  }

  private keyOf(access: ServiceAccess, keys: KeyRing, head: RequestHead): ServiceKey | null {
    const { authorization, apiKey } = head
    if (authorization.count > 1 || apiKey.count > 1) return null
    const byBearer = authorization.count === 1 ? this.find(keys, bearerOf(head.text, authorization)) : null
    const byField = apiKey.count === 1 ? this.find(keys, textOf(head.text, apiKey)) : null
    if (access.route.forwardsKey !== true) {
      if (byBearer !== null) head.withhold(authorization)
      if (byField !== null) head.withhold(apiKey)
    }
    return byBearer ?? byField
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
    return key !== null && this.clock.now() < key.expiresAtMs ? key : null
  }

  /** Takes one from each limit, or from none. */
  private overLimit({ bucket }: ServiceAccess, key: ServiceKey | null): OwnAnswer | null {
    const ofKey = key?.bucket ?? null
    if (bucket === null && ofKey === null) return null
    const now = this.clock.monotonicMs()
    const waitOfKey = ofKey?.waitMs(now) ?? 0
    if (waitOfKey > 0) return tooMany('more requests with this key than it may have', waitOfKey)
    const wait = bucket?.waitMs(now) ?? 0
    if (wait > 0) return tooMany('more requests than this service takes', wait)
    ofKey?.take()
    bucket?.take()
    return null
  }
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

const forbidden: OwnAnswer = { status: 403, text: 'this service takes no request from your address' }

/** RFC 6750 §3: no error code for a request without credentials. */
function unauthorized({ serviceName }: ServiceAccess, { authorization, apiKey }: RequestHead): OwnAnswer {
  const challenge = `Bearer realm="${serviceName}"`
  if (authorization.count === 0 && apiKey.count === 0) {
    return { status: 401, text: 'send a key of this service as Authorization: Bearer KEY', challenge }
  }
  const text = 'this key is not one of this service, or it holds no longer'
  return { status: 401, text, challenge: `${challenge}, error="invalid_token"` }
}

function tooMany(text: string, waitMs: number): OwnAnswer {
  return { status: 429, text, retryAfterSeconds: Math.ceil(waitMs / 1000) }
}
