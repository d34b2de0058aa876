import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { SkykeepError } from '@skykeep/core/errors'

export interface MasterKey {
  /** 1, 2, …: grows with every rotation and is stored beside what the key encrypts. */
  readonly version: number
  /** 32 bytes. */
  readonly bytes: Buffer
}

/** The keys that this process was given. What is new is encrypted with `current`; what is old is read with the key that it names. */
export interface KeyRing {
  readonly current: MasterKey
  readonly keys: readonly MasterKey[]
}

/**
 * Parses master key text: 32 bytes in base64 (or base64url) a line, optionally `v<version>:` before it (v1 when absent). The highest
 * version is current. Throws KEY_MISSING that names `origin` (a file or variable) and what is wrong, never the key.
 */
export function parseKeyRing(text: string, origin: string): KeyRing {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  const keys = lines.map((line) => parseLine(line, origin)).toSorted((a, b) => b.version - a.version)
  const current = keys[0]
  if (current === undefined) throw keyMissing(`${origin} is empty`)
  if (new Set(keys.map((key) => key.version)).size !== keys.length) {
    throw keyMissing(`${origin} holds two keys of one version`)
  }
  return { current, keys }
}

/** The text of a key ring, as `parseKeyRing` reads it. A secret: for a file of mode 0600 only. */
export function formatKeyRing(ring: KeyRing): string {
  return ring.keys.map((key) => `v${key.version}:${key.bytes.toString('base64')}\n`).join('')
}

/** The ring with a new current key; old ones stay, so that what they encrypted can still be read. */
export function rotate(ring: KeyRing, freshKey: Buffer): KeyRing {
  if (freshKey.length !== 32) throw keyMissing(`a master key has 32 bytes, not ${freshKey.length}`)
  const current = { version: ring.current.version + 1, bytes: freshKey }
  return { current, keys: [current, ...ring.keys] }
}

/** The key of one version. Throws KEY_MISSING, naming the version, when the ring does not hold it. */
export function keyOf(ring: KeyRing, version: number): MasterKey {
  const key = ring.keys.find((candidate) => candidate.version === version)
  if (key === undefined) {
    const held = ring.keys.map((candidate) => `v${candidate.version}`).join(', ')
    throw keyMissing(`master key v${version} is needed, but only ${held} is here`)
  }
  return key
}

/** 32 bytes for one purpose, independent of every other purpose and of the master key itself (HKDF-SHA256, RFC 5869). */
export function deriveKey(key: MasterKey, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key.bytes, 'skykeep', purpose, 32))
}

/** Says which key is meant without saying anything of it: `v<version>:<64 hex digits>`. Stored in the database at first start. */
export function keyCheckValue(key: MasterKey): string {
  const digest = createHmac('sha256', deriveKey(key, 'key-check')).update('skykeep key check').digest('hex')
  return `v${key.version}:${digest}`
}

/** Throws KEY_MISSING unless the ring holds the very key that the stored check value was made of. */
export function verifyKeyCheck(ring: KeyRing, stored: string): void {
  const version = Number(/^v(\d+):/.exec(stored)?.[1])
  if (!Number.isSafeInteger(version)) throw keyMissing('the stored key check value is not readable')
  const wanted = Buffer.from(stored)
  const actual = Buffer.from(keyCheckValue(keyOf(ring, version)))
  if (wanted.length !== actual.length || !timingSafeEqual(wanted, actual)) {
    throw keyMissing(`master key v${version} is not the one that this state was encrypted with`)
  }
}

export function keyMissing(message: string, cause?: unknown): SkykeepError {
  return new SkykeepError('KEY_MISSING', message, {
    cause,
    hint: 'Put the original key back (keys/master.key, mode 0600, or SKYKEEP_MASTER_KEY); only what needs a secret waits for it.',
  })
}

function parseLine(line: string, origin: string): MasterKey {
  const match = /^(?:v([1-9]\d{0,8}):)?([A-Za-z0-9+/_-]+={0,2})$/.exec(line)
  const bytes = Buffer.from(match?.[2] ?? '', 'base64')
  if (match === null || bytes.length !== 32) {
    throw keyMissing(`${origin} holds no master key: 32 bytes in base64 are expected, not ${bytes.length}`)
  }
  return { version: Number(match[1] ?? '1'), bytes }
}
