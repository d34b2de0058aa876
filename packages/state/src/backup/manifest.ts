import { createHmac, timingSafeEqual } from 'node:crypto'
import type { DatabaseKind } from '@skykeep/db/database-url'
import { SkykeepError } from '@skykeep/core/errors'
import { deriveKey, type KeyRing, type MasterKey } from '@skykeep/secrets/key-ring'

/** What a backup says of itself first, and again, authenticated, in its manifest. */
export interface BackupHead {
  readonly format: 1
  /** Version of the program that made it. */
  readonly program: string
  /** Newest migration of the database: rows are loaded under exactly this schema. */
  readonly migration: string
  readonly installationId: string
  readonly epoch: number
  /** What it was made from; it can be restored into either. */
  readonly database: DatabaseKind
  /** Milliseconds since the Unix epoch. */
  readonly createdAtMs: number
  readonly hasLogs: boolean
  /** Master key that authenticates it; null: none was there when it was made. */
  readonly keyVersion: number | null
  /** Master keys that its secrets need. */
  readonly secretKeyVersions: readonly number[]
}

export interface BackupTable {
  readonly name: string
  readonly rows: number
  /** Over the rows in the order of their key, one line of JSON each; hex. */
  readonly sha256: string
}

export type BackupFile =
  | {
      readonly kind: 'file'
      readonly path: string
      readonly size: number
      readonly mode: number
      readonly sha256: string
    }
  | { readonly kind: 'folder'; readonly path: string; readonly mode: number }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }

/** The last but one part of a backup: everything that is in it, by digest. */
export interface Manifest extends BackupHead {
  readonly tables: readonly BackupTable[]
  readonly files: readonly BackupFile[]
  /** Versions of living services that had no folder: nothing of them can be launched after a restore. */
  readonly missingVersions: readonly string[]
}

/** Names of the parts of an archive. */
export const parts = {
  head: 'about.json',
  rows: 'database/',
  files: 'files/',
  manifest: 'manifest.json',
  signature: 'manifest.hmac',
} as const

/** HMAC-SHA256 over the manifest's bytes, with a key of this one purpose; hex. */
export function signManifest(key: MasterKey, manifest: Uint8Array): string {
  return createHmac('sha256', deriveKey(key, 'backup')).update(manifest).digest('hex')
}

export type Authenticity =
  /** It is as it was made. */
  | 'authentic'
  /** The manifest, or its signature, was changed; or it was signed with another key of that number. */
  | 'forged'
  /** The key is not here: only damage can be found, no forgery. */
  | 'no-key'
  /** It was made where no key was. */
  | 'unsigned'

export function authenticityOf(
  ring: KeyRing | undefined,
  manifest: Uint8Array,
  signed: { readonly keyVersion: number | null; readonly signature: string },
): Authenticity {
  if (signed.keyVersion === null) return signed.signature === '' ? 'unsigned' : 'forged'
  const key = ring?.keys.find(({ version }) => version === signed.keyVersion)
  if (key === undefined) return 'no-key'
  const wanted = Buffer.from(signManifest(key, manifest))
  const actual = Buffer.from(signed.signature.trim())
  return wanted.length === actual.length && timingSafeEqual(wanted, actual) ? 'authentic' : 'forged'
}

/** Parses the head of a backup. @throws UNSUPPORTED for another format, INVALID_INPUT for anything else. */
export function parseHead(text: string): BackupHead {
  return parseAs<BackupHead>(text, ['program', 'migration', 'installationId', 'epoch', 'database'])
}

/** Parses a manifest. @throws UNSUPPORTED, INVALID_INPUT. */
export function parseManifest(text: string): Manifest {
  return parseAs<Manifest>(text, ['program', 'migration', 'installationId', 'epoch', 'tables', 'files'])
}

function parseAs<T>(text: string, needed: readonly (keyof T & string)[]): T {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    value = undefined
  }
  if (typeof value !== 'object' || value === null || !('format' in value)) throw notABackup()
  if (value.format !== 1) {
    throw new SkykeepError(
      'UNSUPPORTED',
      `a backup of format ${String(value.format)}; this program reads 1`,
      {
        hint: 'Use the Skykeep that made it, or a newer one.',
      },
    )
  }
  if (needed.some((name) => !(name in value))) throw notABackup()
  // Format 1 is written by this package only, from this very type; its digests are compared afterwards.
  return value as T
}

function notABackup(): SkykeepError {
  return new SkykeepError('INVALID_INPUT', 'this is no backup of Skykeep', {
    hint: 'Name a file that `skykeep state backup` made; `skykeep state backups` lists them.',
  })
}
