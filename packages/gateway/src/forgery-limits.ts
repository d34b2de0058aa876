import { RecentMap } from './recent-map.ts'
import { TokenBucket } from './token-bucket.ts'

/** Signatures of one client that may turn out forged: as many at once, and as many a second in the long run. */
const burst = 200
const perSecond = 100
/** Clients that one process remembers after a forged signature: about 2 MB. One that is forgotten begins with a full burst again. */
const maxClients = 10_000

/**
 * How much of one gateway process clients may spend on signatures that do not hold. Checking one takes about 0.11 ms (Ed25519), so that
 * the bound of 100 a second is 1.1 % of a core for each client. Signatures that hold cost a client nothing of its bound.
 */
export class ForgeryLimits {
  private readonly buckets = new RecentMap<TokenBucket>(maxClients)

  /** Ms until another signature of this client may be checked; 0: now. @param client by `clientOf`. @param nowMs monotonic. */
  waitMs(client: string, nowMs: number): number {
    return this.buckets.get(client)?.waitMs(nowMs) ?? 0
  }

  /** A signature of this client was checked, and does not hold. To be called after `waitMs` gave 0. @param nowMs monotonic. */
  note(client: string, nowMs: number): void {
    const known = this.buckets.get(client)
    const bucket = known ?? new TokenBucket(perSecond, burst, nowMs)
    if (known === undefined) this.buckets.set(client, bucket)
    bucket.take()
  }
}

/**
 * Under which name an address is counted: an IPv4 address is one client, and so are all IPv6 addresses of a /64, which is what one
 * subscriber gets at least (RFC 6177 §2, RFC 4291 §2.5.1). Pure.
 * @param address as a socket gives it, with or without a zone.
 */
export function clientOf(address: string): string {
  if (!address.includes(':')) return address
  const [front = '', back] = (address.split('%', 1)[0] ?? '').toLowerCase().split('::')
  const groups = front === '' ? [] : front.split(':')
  const behind = back === undefined || back === '' ? 0 : back.split(':').length
  // An IPv4 address at the end stands for two groups; those before it are what counts here.
  const missing = back === undefined ? 0 : 8 - groups.length - behind
  const whole = [
    ...groups,
    ...Array.from({ length: Math.max(0, missing) }, () => '0'),
    ...(back ?? '').split(':'),
  ]
  return `${whole.slice(0, 4).join(':')}::/64`
}
