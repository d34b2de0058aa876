import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { formatKeyRing, keyMissing, type KeyRing, parseKeyRing } from './key-ring.ts'

export interface KeySource {
  /** keys/master.key */
  readonly file: string
  /** Value of SKYKEEP_MASTER_KEY, if set: then the file is not looked at. */
  readonly given?: string | undefined
}

/** Reads the master key. Throws KEY_MISSING, naming file or variable, when it is absent, unreadable, open to others or no key. */
export function loadKeyRing(source: KeySource): KeyRing {
  if (source.given !== undefined && source.given !== '')
    return parseKeyRing(source.given, 'SKYKEEP_MASTER_KEY')
  try {
    const mode = statSync(source.file).mode & 0o777
    if ((mode & 0o077) !== 0)
      throw keyMissing(`${source.file} has mode ${mode.toString(8)}: others may have read it`)
    return parseKeyRing(readFileSync(source.file, 'utf8'), source.file)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error))
      throw error
    throw keyMissing(`${source.file} cannot be read (${error.code})`, error)
  }
}

/**
 * Creates the master key file (32 random bytes, mode 0600, on disk before it returns) unless one exists; an existing one is never
 * replaced, whoever wins a race. Only for a state that has no key check value yet. Throws the file system's error.
 */
export function createKeyFile(file: string): void {
  const key = { version: 1, bytes: randomBytes(32) }
  createSecretFile(file, formatKeyRing({ current: key, keys: [key] }))
}

/** Creates a file of mode 0600 whole and durably, unless one exists. Returns whether it was created. */
export function createSecretFile(file: string, content: string): boolean {
  const temporary = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`
  try {
    const handle = openSync(temporary, 'wx', 0o600)
    try {
      writeSync(handle, content)
      fsyncSync(handle)
    } finally {
      closeSync(handle)
    }
    linkSync(temporary, file)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(temporary, { force: true })
  }
  const folder = openSync(dirname(file), 'r')
  fsyncSync(folder)
  closeSync(folder)
  return true
}
