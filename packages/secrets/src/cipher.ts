import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { deriveKey, keyMissing, keyOf, type KeyRing } from './key-ring.ts'

/** Where a secret lives. Part of what is authenticated: a ciphertext copied to another row or column does not open. */
export interface SecretPlace {
  readonly table: string
  readonly uid: string
  readonly column: string
}

const format = 'sk1'
const nonceBytes = 12
const tagBytes = 16

/**
 * Encrypts with the current key: AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce and the place as associated data. The result
 * is text: `sk1.<key version>.<base64url of nonce, tag, ciphertext>`. At most 2^32 secrets a key, far beyond what one installation holds.
 */
export function encryptSecret(ring: KeyRing, plaintext: string, place: SecretPlace): string {
  const { version } = ring.current
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', deriveKey(ring.current, 'secrets'), nonce)
  cipher.setAAD(associatedData(version, place))
  const body = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()])
  return `${format}.${version}.${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')}`
}

/**
 * Opens what `encryptSecret` made for this very place. Throws KEY_MISSING, naming the place, when the key of that version is absent or
 * another one, or when text or place were changed (the three cannot be told apart).
 */
export function decryptSecret(ring: KeyRing, sealed: string, place: SecretPlace): string {
  const what = `${place.table}.${place.column} of ${place.uid}`
  const version = sealedVersion(sealed)
  const raw = Buffer.from(sealed.split('.')[2] ?? '', 'base64url')
  if (version === undefined || raw.length < nonceBytes + tagBytes)
    throw keyMissing(`${what} is not an encrypted value`)
  const key = deriveKey(keyOf(ring, version), 'secrets')
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, raw.subarray(0, nonceBytes), {
      authTagLength: tagBytes,
    })
    decipher.setAAD(associatedData(version, place))
    decipher.setAuthTag(raw.subarray(nonceBytes, nonceBytes + tagBytes))
    return Buffer.concat([decipher.update(raw.subarray(nonceBytes + tagBytes)), decipher.final()]).toString(
      'utf8',
    )
  } catch (cause) {
    throw keyMissing(
      `${what} does not open with master key v${version}: another key, or a changed value`,
      cause,
    )
  }
}

/** The key version that a sealed value names; undefined when it is not one. */
export function sealedVersion(sealed: string): number | undefined {
  const match = /^sk1\.([1-9]\d{0,8})\.[A-Za-z0-9_-]+$/.exec(sealed)
  return match === null ? undefined : Number(match[1])
}

/** True when a value should be encrypted again, because its key is no longer the current one. */
export function needsRotation(ring: KeyRing, sealed: string): boolean {
  return sealedVersion(sealed) !== ring.current.version
}

function associatedData(version: number, place: SecretPlace): Buffer {
  return Buffer.from(JSON.stringify([format, version, place.table, place.uid, place.column]))
}
