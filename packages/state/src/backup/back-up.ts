import { createHash } from 'node:crypto'
import { existsSync, renameSync, rmSync, statfsSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Clock } from '@skykeep/core/clock'
import { SkykeepError } from '@skykeep/core/errors'
import { databaseKindOf, sqliteFileOf } from '@skykeep/db/database-url'
import { openDump } from '@skykeep/db/dump'
import type { Dump } from '@skykeep/db/dump-table'
import { syncFolder } from '@skykeep/persistent-path/atomic-file'
import type { Layout } from '@skykeep/persistent-path/layout'
import { sweepFolder } from '@skykeep/persistent-path/leftovers'
import { sealedVersion } from '@skykeep/secrets/cipher'
import type { KeyRing } from '@skykeep/secrets/key-ring'
import { ArchiveWriter } from '../archive/archive-writer.ts'
import { backupFileName } from './backup-files.ts'
import { type BackupFile, type BackupHead, type Manifest, parts, signManifest } from './manifest.ts'
import type { BackupProgress } from './progress.ts'
import { RowsWriter } from './rows-writer.ts'
import { openContent, type StateFile, stateFolders, targetOf, walk } from './state-files.ts'

export interface BackupSource {
  readonly layout: Layout
  readonly databaseUrl: string
  /** Where to: a file that does not exist yet, or a folder. */
  readonly target: string
  readonly hasLogs: boolean
  /** The master key; undefined where it is lost: then the backup is not authenticated. */
  readonly keys: KeyRing | undefined
  /** config.yaml without what is secret in it, for people; undefined: none. */
  readonly configText: string | undefined
  readonly programVersion: string
  readonly clock: Clock
  readonly onProgress?: (progress: BackupProgress) => void
  /** Told each step as it was done; tests stop there. */
  readonly onStep?: (step: BackupStep) => void | Promise<void>
}

export type BackupStep =
  'snapshot-taken' | 'rows-written' | 'files-written' | 'archive-synced' | 'archive-named'

export interface BackupResult {
  readonly file: string
  readonly bytes: number
  readonly manifest: Manifest
}

/**
 * Makes a backup of a path that may be in use: rows of one moment, then the files of the versions that they name (immutable, and placed before
 * their rows). It appears under its name only when it is whole and on disk. Keys are never in it. Call it in a process that serves nothing.
 * @throws CONFLICT (the file exists), NOT_FOUND (no database), STORAGE_DEGRADED (no room), and what the database throws.
 */
export async function backUp(source: BackupSource): Promise<BackupResult> {
  const { layout, databaseUrl, clock } = source
  requireDatabase(databaseUrl)
  sweepFolder(layout.tmpDir)
  requireRoom(layout, databaseUrl)
  const copyTo = join(layout.tmpDir, `backup.${process.pid}.db`)
  source.onProgress?.({ phase: 'snapshot', done: 0, total: 0 })
  const dump = await openDump({ url: databaseUrl, copyTo })
  let temporary: string | undefined
  try {
    await source.onStep?.('snapshot-taken')
    const installation = await installationOf(dump)
    const createdAtMs = clock.now()
    const file = targetFile(source.target, installation.uid, createdAtMs)
    temporary = join(dirname(file), `.backup.${process.pid}.tmp`)
    sweepFolder(dirname(file))
    const head: BackupHead = {
      format: 1,
      program: source.programVersion,
      migration: dump.migration,
      installationId: installation.uid,
      epoch: installation.epoch,
      database: dump.kind,
      createdAtMs,
      hasLogs: source.hasLogs,
      keyVersion: source.keys?.current.version ?? null,
      secretKeyVersions: await secretKeyVersionsOf(dump),
    }
    const manifest = await writeArchive(temporary, head, dump, source)
    await source.onStep?.('archive-synced')
    renameSync(temporary, file)
    temporary = undefined
    syncFolder(dirname(file))
    await source.onStep?.('archive-named')
    return { file, bytes: statSync(file).size, manifest }
  } finally {
    if (temporary !== undefined) rmSync(temporary, { force: true })
    await dump.close()
  }
}

async function writeArchive(
  file: string,
  head: BackupHead,
  dump: Dump,
  source: BackupSource,
): Promise<Manifest> {
  const archive = new ArchiveWriter(file)
  try {
    await archive.file(parts.head, 0o600, json(head))
    const rows = await new RowsWriter(archive, source.onProgress).write(dump)
    await source.onStep?.('rows-written')
    const files = await writeFiles(archive, source)
    const placed = new Set(files.map(({ path }) => path))
    const manifest: Manifest = {
      ...head,
      tables: rows.tables,
      files,
      missingVersions: rows.livingVersions.filter((path) => !placed.has(path)),
    }
    const bytes = json(manifest)
    await archive.file(parts.manifest, 0o600, bytes)
    const signature = source.keys === undefined ? '' : signManifest(source.keys.current, bytes)
    await archive.file(parts.signature, 0o600, Buffer.from(signature))
    await source.onStep?.('files-written')
    await archive.end()
    return manifest
  } catch (error) {
    await archive.abandon()
    throw error
  }
}

async function writeFiles(archive: ArchiveWriter, source: BackupSource): Promise<readonly BackupFile[]> {
  const { layout, configText, onProgress } = source
  const files: BackupFile[] = []
  let done = 0
  if (configText !== undefined) {
    const body = Buffer.from(configText)
    await archive.file(`${parts.files}config-of-backup.yaml`, 0o600, body)
    const sha256 = createHash('sha256').update(body).digest('hex')
    files.push({ kind: 'file', path: 'config-of-backup.yaml', size: body.length, mode: 0o600, sha256 })
  }
  for (const folder of stateFolders(layout, source.hasLogs)) {
    for await (const found of walk(layout.root, folder)) {
      const written = await writeOne(archive, found)
      if (written !== undefined) files.push(written)
      done += found.size
      onProgress?.({ phase: 'files', done, total: 0 })
    }
  }
  return files
}

async function writeOne(archive: ArchiveWriter, file: StateFile): Promise<BackupFile | undefined> {
  const { kind, path, mode } = file
  const name = `${parts.files}${path}`
  if (kind === 'folder') {
    await archive.folder(name, mode)
    return { kind, path, mode }
  }
  if (kind === 'link') {
    const target = await targetOf(file)
    if (target === undefined) return undefined
    await archive.link(name, target)
    return { kind, path, target }
  }
  const content = await openContent(file)
  if (content === undefined) return undefined
  const { size } = content
  const hash = createHash('sha256')
  await archive.begin({ path: name, mode, size, type: 'File' })
  for await (const chunk of content.chunks) {
    hash.update(chunk)
    await archive.push(chunk)
  }
  await archive.pad(size)
  return { kind, path, size, mode, sha256: hash.digest('hex') }
}

async function installationOf(dump: Dump): Promise<{ readonly uid: string; readonly epoch: number }> {
  const table = dump.tables.find(({ name }) => name === 'installation')
  if (table !== undefined) {
    for await (const line of dump.rows(table)) {
      // A row of this table: its columns are those of the schema.
      return JSON.parse(line) as { uid: string; epoch: number }
    }
  }
  throw new SkykeepError('NOT_FOUND', 'the database holds no installation yet', {
    hint: 'Start Skykeep once: `npm start`.',
  })
}

async function secretKeyVersionsOf(dump: Dump): Promise<readonly number[]> {
  const versions = new Set<number>()
  const table = dump.tables.find(({ name }) => name === 'service_secrets')
  if (table === undefined) return []
  for await (const line of dump.rows(table)) {
    // A row of this table: its columns are those of the schema.
    const version = sealedVersion((JSON.parse(line) as { readonly ciphertext: string }).ciphertext)
    if (version !== undefined) versions.add(version)
  }
  return [...versions].toSorted((a, b) => a - b)
}

function targetFile(target: string, installationId: string, atMs: number): string {
  const isFolder = existsSync(target) && statSync(target).isDirectory()
  const file = isFolder ? join(target, backupFileName(installationId, atMs)) : target
  if (!existsSync(dirname(file)))
    throw new SkykeepError('NOT_FOUND', `${dirname(file)} does not exist`, {
      hint: 'Create that folder first.',
    })
  if (!existsSync(file)) return file
  throw new SkykeepError('CONFLICT', `${file} exists`, { hint: 'Name another file, or a folder.' })
}

function requireDatabase(url: string): void {
  if (databaseKindOf(url) === 'postgresql' || existsSync(sqliteFileOf(url))) return
  throw new SkykeepError('NOT_FOUND', `there is no database at ${sqliteFileOf(url)}: nothing to back up`, {
    hint: 'Start Skykeep once, or name another path in SKYPILOT_PERSISTENT_PATH.',
  })
}

/** The private copy takes as much as the database: asked before, so that a backup does not fill the disk that the state lives on. */
function requireRoom({ tmpDir, root }: Layout, url: string): void {
  if (databaseKindOf(url) === 'postgresql') return
  const needed = ['', '-wal'].reduce(
    (sum, suffix) => sum + (statSync(`${sqliteFileOf(url)}${suffix}`, { throwIfNoEntry: false })?.size ?? 0),
    64 << 20,
  )
  const { bavail, bsize } = statfsSync(tmpDir)
  if (bavail * bsize >= needed) return
  throw new SkykeepError(
    'STORAGE_DEGRADED',
    `a copy of the database needs ${Math.ceil(needed / 2 ** 20)} MiB on ${root}, ${Math.floor((bavail * bsize) / 2 ** 20)} are free`,
    { hint: 'Free space; old backups are in backups/.' },
  )
}

function json(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 1)}\n`)
}
