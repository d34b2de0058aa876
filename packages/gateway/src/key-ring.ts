import { hash } from 'node:crypto'
import type { KeyRoute } from '@skykeep/core/routes'
import type { TokenBucket } from './token-bucket.ts'

/** One key that a service takes, as one gateway process knows it. */
export interface ServiceKey {
  readonly route: KeyRoute
  /** Wall ms from which on it is refused. */
  readonly expiresAtMs: number
  /** Its own limit; null: none. */
  bucket: TokenBucket | null
}

/**
 * The keys of one service, by hash. What is looked up is the SHA-256 of what a client shows: how far it agrees with a stored hash
 * tells nothing about a key, so that the time which a look-up takes gives nothing away.
 */
export class KeyRing {
  readonly routes: readonly KeyRoute[]
  private readonly byHash = new Map<string, ServiceKey>()

  constructor(routes: readonly KeyRoute[], before: KeyRing | null) {
    this.routes = routes
    for (const route of routes) {
      const bucket = before?.byHash.get(route.hash)?.bucket ?? null
      this.byHash.set(route.hash, { route, expiresAtMs: route.expiresAtMs ?? Infinity, bucket })
    }
  }

  get keys(): Iterable<ServiceKey> {
    return this.byHash.values()
  }

  /** The key whose text that is, expired or not; null: none. */
  find(text: string): ServiceKey | null {
    return this.byHash.get(hash('sha256', text)) ?? null
  }
}
