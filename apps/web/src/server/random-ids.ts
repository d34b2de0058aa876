import { randomBytes } from 'node:crypto'
import type { IdSource } from '@skykeep/core/ids'

const letters = '0123456789abcdefghijklmnopqrstuvwxyz'

/** Ids and secrets from the system's random source. */
export const randomIds: IdSource = {
  uid: (prefix) => `${prefix}_${word(20)}`,
  secret: () => randomBytes(32).toString('base64url'),
}

/** Letters of equal likelihood: bytes beyond the last whole multiple of 36 are thrown away. */
function word(length: number): string {
  let text = ''
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < 252 && text.length < length) text += letters.charAt(byte % 36)
    }
  }
  return text
}
