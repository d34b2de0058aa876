import { randomBytes } from 'node:crypto'
import type { IdSource } from '@skykeep/core/ids'

/** Identities from the system's randomness: 100 bits for a uid, in 20 characters of [0-9a-z]; 256 bits for a secret. */
export const randomIds: IdSource = {
  uid: (prefix) => `${prefix}_${base32(randomBytes(20))}`,
  secret: () => randomBytes(32).toString('base64url'),
}

const alphabet = '0123456789abcdefghjkmnpqrstvwxyz'

/** One character of 5 bits for each byte. */
function base32(bytes: Buffer): string {
  return Array.from(bytes, (byte) => alphabet[byte & 31]).join('')
}
