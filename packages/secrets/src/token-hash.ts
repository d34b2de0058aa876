import { createHash, timingSafeEqual } from 'node:crypto'

/** SHA-256 of a token, 64 hex digits. Enough for tokens of 256 random bits; never for what a person makes up. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

/** Whether a presented token has the stored hash, in constant time. */
export function isTokenOf(token: string, storedHash: string): boolean {
  const actual = Buffer.from(hashToken(token))
  const wanted = Buffer.from(storedHash)
  return actual.length === wanted.length && timingSafeEqual(actual, wanted)
}
