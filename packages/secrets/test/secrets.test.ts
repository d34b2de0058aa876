import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isSkykeepError } from '@skykeep/core/errors'
import { decryptSecret, encryptSecret, needsRotation, sealedVersion } from '@skykeep/secrets/cipher'
import { createKeyFile, loadKeyRing } from '@skykeep/secrets/key-file'
import {
  deriveKey,
  formatKeyRing,
  keyCheckValue,
  parseKeyRing,
  rotate,
  verifyKeyCheck,
} from '@skykeep/secrets/key-ring'
import { hashToken, isTokenOf } from '@skykeep/secrets/token-hash'

const ringOf = (fill: number): ReturnType<typeof parseKeyRing> =>
  parseKeyRing(Buffer.alloc(32, fill).toString('base64'), 'test')
const place = { table: 'secrets', uid: 'sec_1', column: 'value' }
const ring = ringOf(1)
const isKeyMissing = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (isSkykeepError(error, 'KEY_MISSING')) return error.message
    throw error
  }
  throw new Error('did not throw')
}

describe('encryption', () => {
  it('opens what it sealed, for every text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const sealed = encryptSecret(ring, text, place)
        expect(decryptSecret(ring, sealed, place)).toBe(text)
      }),
    )
  })

  it('never seals one text to the same value twice', () => {
    expect(encryptSecret(ring, 'a', place)).not.toBe(encryptSecret(ring, 'a', place))
  })

  it('refuses a value changed at any single character', () => {
    const sealed = encryptSecret(ring, 'secret', place)
    for (let i = 0; i < sealed.length - 1; i++) {
      const other = sealed[i] === 'A' ? 'B' : 'A'
      const changed = sealed.slice(0, i) + other + sealed.slice(i + 1)
      expect(
        isKeyMissing(() => decryptSecret(ring, changed, place)),
        `at ${i}`,
      ).toBeTruthy()
    }
    expect(isKeyMissing(() => decryptSecret(ring, sealed.slice(0, 30), place))).toBeTruthy()
    expect(isKeyMissing(() => decryptSecret(ring, '', place))).toContain('not an encrypted value')
  })

  it.each([
    ['table', { ...place, table: 'other' }],
    ['row', { ...place, uid: 'sec_2' }],
    ['column', { ...place, column: 'other' }],
  ])('refuses a value moved to another %s', (_what, elsewhere) => {
    expect(isKeyMissing(() => decryptSecret(ring, encryptSecret(ring, 'a', place), elsewhere))).toContain(
      elsewhere.uid,
    )
  })

  it('names the row and the key version when the key is another one', () => {
    const message = isKeyMissing(() => decryptSecret(ringOf(2), encryptSecret(ring, 'a', place), place))
    expect(message).toContain('secrets.value of sec_1')
    expect(message).toContain('v1')
  })
})

describe('rotation', () => {
  it('reads old values with their own key and seals new ones with the new key', () => {
    const old = encryptSecret(ring, 'a', place)
    const rotated = parseKeyRing(formatKeyRing(rotate(ring, randomBytes(32))), 'test')
    expect(decryptSecret(rotated, old, place)).toBe('a')
    expect(needsRotation(rotated, old)).toBe(true)
    const fresh = encryptSecret(rotated, 'a', place)
    expect(sealedVersion(fresh)).toBe(2)
    expect(needsRotation(rotated, fresh)).toBe(false)
    expect(isKeyMissing(() => decryptSecret(ring, fresh, place))).toContain('master key v2 is needed')
  })
})

describe('key ring', () => {
  it.each([
    ['', 'is empty'],
    ['short', 'not 3'],
    ['v1:AAAA', 'not 3'],
    ['not base64 at all!', 'not 0'],
    [
      `${Buffer.alloc(32).toString('base64')}\n${Buffer.alloc(32).toString('base64')}`,
      'two keys of one version',
    ],
  ])('refuses %j without repeating it', (text, message) => {
    const said = isKeyMissing(() => parseKeyRing(text, 'FILE'))
    expect(said).toContain('FILE')
    expect(said).toContain(message)
  })

  it('has a check value that accepts its own key only', () => {
    const stored = keyCheckValue(ring.current)
    verifyKeyCheck(ring, stored)
    verifyKeyCheck(rotate(ring, randomBytes(32)), stored)
    expect(isKeyMissing(() => verifyKeyCheck(ringOf(2), stored))).toContain('not the one')
    expect(isKeyMissing(() => verifyKeyCheck(ring, 'junk'))).toContain('not readable')
    expect(stored).not.toContain(ring.current.bytes.toString('hex'))
  })

  it('derives independent keys', () => {
    expect(deriveKey(ring.current, 'a').equals(deriveKey(ring.current, 'b'))).toBe(false)
    expect(deriveKey(ring.current, 'a').equals(deriveKey(ring.current, 'a'))).toBe(true)
  })
})

describe('key file', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sks-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('is created once, private, and never replaced', () => {
    const file = join(folder, 'master.key')
    createKeyFile(file)
    const first = readFileSync(file, 'utf8')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    createKeyFile(file)
    expect(readFileSync(file, 'utf8')).toBe(first)
    expect(loadKeyRing({ file }).current.bytes).toHaveLength(32)
  })

  it('names what is missing: a lost file, an open one, a wrong one; a given key needs no file', () => {
    const file = join(folder, 'master.key')
    expect(isKeyMissing(() => loadKeyRing({ file }))).toContain(`${file} cannot be read (ENOENT)`)
    writeFileSync(file, 'junk', { mode: 0o600 })
    expect(isKeyMissing(() => loadKeyRing({ file }))).toContain('holds no master key')
    chmodSync(file, 0o644)
    expect(isKeyMissing(() => loadKeyRing({ file }))).toContain('mode 644')
    const given = Buffer.alloc(32, 7).toString('base64')
    expect(loadKeyRing({ file, given }).current.bytes[0]).toBe(7)
    expect(isKeyMissing(() => loadKeyRing({ file, given: 'x' }))).toContain('SKYKEEP_MASTER_KEY')
  })
})

describe('token hash', () => {
  it('matches its own token only', () => {
    expect(isTokenOf('abc', hashToken('abc'))).toBe(true)
    expect(isTokenOf('abd', hashToken('abc'))).toBe(false)
    expect(isTokenOf('abc', '')).toBe(false)
  })
})
