import { randomUUID } from 'node:crypto'
import { createWriteStream, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { lstat, mkdir, symlink } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, normalize } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Clock } from '@skykeep/core/clock'
import { SkykeepError } from '@skykeep/core/errors'
import { openDatabase } from '@skykeep/db/connect'
import { endClaim } from '@skykeep/db/fill-claim'
import type { Installation } from '@skykeep/db/installation'
import { migrate } from '@skykeep/db/migrate'
import { markRestored } from '@skykeep/db/restored'
import { syncFolder } from '@skykeep/persistent-path/atomic-file'
import { foldersOf, type Layout } from '@skykeep/persistent-path/layout'
import {
  clearIncoming,
  type Incoming,
  readIncoming,
  writeIncoming,
  writePathInstallation,
} from '@skykeep/persistent-path/path-state'
import { preparePath } from '@skykeep/persistent-path/prepare'
import { createSecretFile } from '@skykeep/secrets/key-file'
import { formatKeyRing, type KeyRing } from '@skykeep/secrets/key-ring'
import { type LoadTarget, RowLoader } from './load-backup.ts'
import type { Authenticity, BackupTable, Manifest } from './manifest.ts'
import { type BackupSink, readBackup } from './read-backup.ts'
import { compareRestored } from './verify-backup.ts'

export interface RestoreSource extends Omit<LoadTarget, 'url' | 'id'> {
  readonly file: string
  /** The new place: does not exist, or is an empty folder. */
  readonly root: string
  /** An empty PostgreSQL database; undefined: SQLite under the new path. */
  readonly databaseUrl: string | undefined
  /** To prove that the backup is authentic. */
  readonly keys: KeyRing | undefined
  /** True: the keys are written to keys/master.key of the new path. */
  readonly shouldKeepKeys: boolean
  readonly clock: Clock
  readonly onBytes?: (bytes: number) => void
  /** Told each step as it was done; tests stop there. */
  readonly onStep?: (step: RestoreStep) => void | Promise<void>
}

export type RestoreStep = 'marked' | 'extracted' | 'compared' | 'renumbered' | 'placed'

export interface Restored {
  readonly layout: Layout
  readonly databaseUrl: string
  readonly installation: Installation
  readonly manifest: Manifest
  readonly authenticity: Authenticity
  /** Tables in which a NUL or half a character became U+FFFD: PostgreSQL stores none. */
  readonly replacedTextIn: readonly string[]
}

/**
 * Restores a backup into a new place and touches nothing else: no process, no node, no other path. Until the last step the place says that it is
 * not whole, and nothing starts on it; one that was interrupted is begun anew by the same command. @throws CONFLICT (the place is in use),
 * INVALID_INPUT (damaged or forged), UNSUPPORTED, STORAGE_DEGRADED.
 */
export async function restoreBackup(source: RestoreSource): Promise<Restored> {
  const { clock } = source
  const interrupted = clearInterrupted(source.root)
  const { layout } = preparePath(source.root, source.databaseUrl === undefined)
  requireEmpty(layout, interrupted !== undefined)
  const id = interrupted?.id ?? randomUUID()
  writeIncoming(layout, { kind: 'restore', from: source.file, id })
  await source.onStep?.('marked')
  const url = source.databaseUrl ?? `file:${layout.stateDb}`
  const { manifest, authenticity, replaced } = await extract(source, layout, { url, id })
  await source.onStep?.('extracted')
  const tables = manifest.tables.map((table) => replaced.find(({ name }) => name === table.name) ?? table)
  await requireIdentical(url, layout, { ...manifest, tables })
  await source.onStep?.('compared')
  // From the backup's schema to this program's.
  await migrate({ ...source, url })
  const installation = await renumber(url, clock, source.file)
  await source.onStep?.('renumbered')
  if (source.shouldKeepKeys && source.keys !== undefined)
    createSecretFile(layout.masterKey, formatKeyRing(source.keys))
  writePathInstallation(layout, { installationId: installation.uid, epoch: installation.epoch })
  await source.onStep?.('placed')
  await endClaim(url)
  clearIncoming(layout)
  const replacedTextIn = replaced.map(({ name }) => name)
  return { layout, databaseUrl: url, installation, manifest, authenticity, replacedTextIn }
}

async function extract(
  source: RestoreSource,
  layout: Layout,
  target: { readonly url: string; readonly id: string },
): Promise<{
  readonly manifest: Manifest
  readonly authenticity: Authenticity
  readonly replaced: readonly BackupTable[]
}> {
  const loader = new RowLoader({ ...source, ...target })
  const links: { readonly path: string; readonly target: string }[] = []
  const sink: BackupSink = {
    head: (head) => loader.begin(head),
    rows: (table, lines) => loader.rows(table, lines),
    folder: (path, mode) => makeFolder(placeIn(layout, path), mode),
    file: (file, chunks) => writeContent(layout, file, chunks),
    // Made last: nothing is ever written through one.
    link: async (path, target) => void links.push({ path: placeIn(layout, path), target }),
  }
  try {
    const read = await readBackup(source.file, source.keys, sink, source.onBytes)
    if (read.manifest === null || read.problems.length > 0) {
      const more = read.problems.length > 1 ? ` (and ${read.problems.length - 1} more)` : ''
      throw new SkykeepError('INVALID_INPUT', `${source.file} is damaged: ${read.problems[0] ?? ''}${more}`, {
        hint: 'Restore another backup; `skykeep state verify FILE` names everything that is wrong with one.',
      })
    }
    for (const { path, target } of links) {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      await symlink(target, path)
    }
    await loader.commit()
    for (const folder of foldersOf(layout)) syncFolder(folder)
    return { manifest: read.manifest, authenticity: read.authenticity, replaced: loader.replaced }
  } finally {
    await loader.close()
  }
}

async function requireIdentical(url: string, layout: Layout, manifest: Manifest): Promise<void> {
  const [first] = await compareRestored(url, join(layout.tmpDir, 'restored.db'), manifest)
  if (first === undefined) return
  throw new SkykeepError('INTERNAL', `what was restored is not what was backed up: ${first}`)
}

async function renumber(url: string, clock: Clock, file: string): Promise<Installation> {
  const database = await openDatabase({ url, clock })
  try {
    return await database.transaction((tx) => markRestored(tx, basename(file)))
  } finally {
    await database.close()
  }
}

/** What an interrupted restore left is its own, and goes; only that it was interrupted stays. */
function clearInterrupted(root: string): Incoming | undefined {
  const { layout } = existsSync(root) ? preparePath(root, false) : { layout: undefined }
  const incoming = layout === undefined ? undefined : readIncoming(layout)
  if (layout === undefined || incoming?.kind !== 'restore') return undefined
  for (const name of readdirSync(layout.root)) {
    if (name !== basename(layout.incomingFile))
      rmSync(join(layout.root, name), { recursive: true, force: true })
  }
  return incoming
}

function requireEmpty(layout: Layout, isInterrupted: boolean): void {
  const known = new Set([...foldersOf(layout), ...(isInterrupted ? [layout.incomingFile] : [])])
  const isEmpty = foldersOf(layout).every((folder) =>
    readdirSync(folder).every((name) => known.has(join(folder, name)) || name === 'lost+found'),
  )
  if (isEmpty) return
  throw new SkykeepError(
    'CONFLICT',
    `${layout.root} is not empty: a backup is restored into a new place only`,
    {
      hint: 'Name a folder that does not exist yet. A state that is there stays as it is; move it away by hand if it is not wanted.',
    },
  )
}

const restorable = /^(versions|uploads|logs)\/|^(versions|uploads|logs|config-of-backup\.yaml)$/

/** The place of a part under the path. @throws INVALID_INPUT for a name that leads elsewhere. */
function placeIn(layout: Layout, path: string): string {
  const isPlain = normalize(path) === path && !isAbsolute(path) && !path.split('/').includes('..')
  if (isPlain && restorable.test(path)) return join(layout.root, path)
  throw new SkykeepError('INVALID_INPUT', `the backup holds a file that does not belong into one: ${path}`)
}

async function makeFolder(path: string, mode: number): Promise<void> {
  await mkdir(path, { recursive: true, mode: mode | 0o700 })
}

async function writeContent(
  layout: Layout,
  file: { readonly path: string; readonly mode: number },
  chunks: AsyncIterable<Buffer>,
): Promise<void> {
  const path = placeIn(layout, file.path)
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  await pipeline(
    Readable.from(chunks),
    createWriteStream(path, { flags: 'wx', mode: file.mode, flush: true }),
  )
  const made = await lstat(path)
  if (!made.isFile()) throw new SkykeepError('INVALID_INPUT', `${file.path} is no file`)
}
