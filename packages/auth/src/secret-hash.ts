import { createHash, timingSafeEqual } from 'node:crypto'

/** SHA-256 of a secret, hex: what is stored of sessions, codes and tokens. Enough without salt, as each secret has 256 random bits. */
export function secretHash(secret: string): string {
  return createHash('sha256').update(secret, 'utf8').digest('hex')
}

/** True when both hashes are the same; takes the same time wherever they differ. */
export function isSameHash(one: string, other: string): boolean {
  const a = Buffer.from(one, 'utf8')
  const b = Buffer.from(other, 'utf8')
  return a.byteLength === b.byteLength && timingSafeEqual(a, b)
}
