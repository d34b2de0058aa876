import { isDeepStrictEqual } from 'node:util'
import type { AccessRoute, RateRoute } from '@skykeep/core/routes'
import { AddressRanges } from './address-ranges.ts'
import { KeyRing } from './key-ring.ts'
import type { ProcessShare } from './replica-state.ts'
import { TokenBucket } from './token-bucket.ts'
import { TokenVerifier } from './token-verifier.ts'

/**
 * Who may ask one service, and how often, in one gateway process. What a change of the table leaves as it was stays the same object,
 * so that connections need not be judged again and buckets are not filled by it.
 */
export class ServiceAccess {
  readonly serviceName: string
  readonly route: AccessRoute
  /** Null: every address. */
  readonly ranges: AddressRanges | null
  /** Null: neither a key nor a token is needed. */
  readonly keys: KeyRing | null
  /** Null: no token is looked at. */
  readonly tokens: TokenVerifier | null
  /** The header for a token's subject, in lower case; null: a replica is not told. */
  readonly subjectField: string | null
  bucket: TokenBucket | null

  constructor(serviceName: string, route: AccessRoute, before: ServiceAccess | null) {
    this.serviceName = serviceName
    this.route = route
    this.ranges = rangesOf(route, before?.ranges ?? null)
    this.keys = keysOf(route, before?.keys ?? null)
    this.tokens = tokensOf(route, before?.tokens ?? null)
    this.subjectField = route.tokens?.subjectHeader?.toLowerCase() ?? null
    this.bucket = before?.bucket ?? null
  }

  /**
   * Takes this process's part of the limits: its part of each rate exactly, of each burst at least 1. So all processes together never
   * let more through in t seconds than max(burst, processes) + rate × t; clients that reach only some of them get only their parts.
   */
  divide(share: ProcessShare): void {
    const { rate, ratePerKey, tokens } = this.route
    if (tokens?.ratePerSubject !== undefined) this.tokens?.subjects?.divide(tokens.ratePerSubject, share)
    this.bucket = limited(this.bucket, rate, share)
    if (this.keys === null) return
    for (const key of this.keys.keys) key.bucket = limited(key.bucket, ratePerKey, share)
  }
}

function rangesOf({ allow }: AccessRoute, before: AddressRanges | null): AddressRanges | null {
  if (allow === undefined) return null
  return before !== null && isDeepStrictEqual(before.ranges, allow) ? before : new AddressRanges(allow)
}

/** Where only tokens are taken the table names no key, and nobody has one. */
function keysOf({ keys, tokens }: AccessRoute, before: KeyRing | null): KeyRing | null {
  if (keys === undefined) return tokens === undefined ? null : new KeyRing([], null)
  return before !== null && isDeepStrictEqual(before.routes, keys) ? before : new KeyRing(keys, before)
}

function tokensOf({ tokens }: AccessRoute, before: TokenVerifier | null): TokenVerifier | null {
  if (tokens === undefined) return null
  return before !== null && isDeepStrictEqual(before.route, tokens)
    ? before
    : new TokenVerifier(tokens, before)
}

function limited(
  bucket: TokenBucket | null,
  rate: RateRoute | undefined,
  share: ProcessShare,
): TokenBucket | null {
  if (rate === undefined) return null
  const perSecond = share.ofRate(rate.requestsPerSecond)
  const burst = share.of(rate.burst)
  // The first fill counts from the first request: before it, it is full anyway.
  if (bucket === null) return new TokenBucket(perSecond, burst, 0)
  bucket.setLimits(perSecond, burst)
  return bucket
}
