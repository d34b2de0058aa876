import { isDeepStrictEqual } from 'node:util'
import type { AccessRoute, RateRoute } from '@skykeep/core/routes'
import { AddressRanges } from './address-ranges.ts'
import { KeyRing } from './key-ring.ts'
import type { ProcessShare } from './replica-state.ts'
import { TokenBucket } from './token-bucket.ts'

/**
 * Who may ask one service, and how often, in one gateway process. What a change of the table leaves as it was stays the same object,
 * so that connections need not be judged again and buckets are not filled by it.
 */
export class ServiceAccess {
  readonly serviceName: string
  readonly route: AccessRoute
  /** Null: every address. */
  readonly ranges: AddressRanges | null
  /** Null: no key is needed. */
  readonly keys: KeyRing | null
  bucket: TokenBucket | null

  constructor(serviceName: string, route: AccessRoute, before: ServiceAccess | null) {
    this.serviceName = serviceName
    this.route = route
    this.ranges = rangesOf(route, before?.ranges ?? null)
    this.keys = keysOf(route, before?.keys ?? null)
    this.bucket = before?.bucket ?? null
  }

  /**
   * Takes this process's part of the limits: its part of each rate exactly, of each burst at least 1. So all processes together never
   * let more through in t seconds than max(burst, processes) + rate × t; clients that reach only some of them get only their parts.
   */
  divide(share: ProcessShare): void {
    const { rate, ratePerKey } = this.route
    this.bucket = limited(this.bucket, rate, share)
    if (this.keys === null) return
    for (const key of this.keys.keys) key.bucket = limited(key.bucket, ratePerKey, share)
  }
}

function rangesOf({ allow }: AccessRoute, before: AddressRanges | null): AddressRanges | null {
  if (allow === undefined) return null
  return before !== null && isDeepStrictEqual(before.ranges, allow) ? before : new AddressRanges(allow)
}

function keysOf({ keys }: AccessRoute, before: KeyRing | null): KeyRing | null {
  if (keys === undefined) return null
  return before !== null && isDeepStrictEqual(before.routes, keys) ? before : new KeyRing(keys, before)
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
