import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { isSkykeepError, SkykeepError } from '@skykeep/core/errors'
import type { KeyRing } from '@skykeep/secrets/key-ring'
import { type ArchiveEntry, readArchive } from '../archive/archive-reader.ts'
import { TableDigest } from './digests.ts'
import {
  type Authenticity,
  authenticityOf,
  type BackupFile,
  type BackupHead,
  type BackupTable,
  type Manifest,
  parseHead,
  parseManifest,
  parts,
} from './manifest.ts'

/** What is done with the parts of a backup while it is read; all of it unproven until the end. */
export interface BackupSink {
  head(head: BackupHead): Promise<void>
  rows(table: string, lines: readonly string[]): Promise<void>
  /** The content must be read to its end. */
  file(file: { readonly path: string; readonly mode: number }, chunks: AsyncIterable<Buffer>): Promise<void>
  folder(path: string, mode: number): Promise<void>
  link(path: string, target: string): Promise<void>
}

export interface ReadBackup {
  readonly head: BackupHead
  /** Null where the archive ends or breaks before it. */
  readonly manifest: Manifest | null
  readonly authenticity: Authenticity
  /** What is not as the manifest says, by name, in sentences; empty: every digest holds. */
  readonly problems: readonly string[]
}

/**
 * Reads a backup from its first byte to its last, hands every part on, and compares every digest with the manifest. Damage is a result, not an
 * error. @throws INVALID_INPUT or UNSUPPORTED for what is no backup, and what the sink throws.
 */
export async function readBackup(
  file: string,
  keys: KeyRing | undefined,
  sink: BackupSink,
  onBytes?: (bytes: number) => void,
): Promise<ReadBackup> {
  const reading = new Reading(keys, sink)
  let last = 'its beginning'
  try {
    for await (const entry of readArchive(file, onBytes)) {
      last = entry.path
      await reading.take(entry)
    }
  } catch (error) {
    if (isSkykeepError(error) || !reading.hasBegun || reading.sinkFailed || isOfSystem(error))
      throw asBackupError(file, error, reading)
    const reason = error instanceof Error ? error.message : String(error)
    reading.problems.push(`the archive is damaged at or after ${last}: ${reason}`)
  }
  return reading.result()
}

class Reading {
  readonly problems: string[] = []
  readonly #keys: KeyRing | undefined
  readonly #sink: BackupSink
  readonly #tables = new Map<string, TableDigest>()
  readonly #files = new Map<string, BackupFile>()
  #head: BackupHead | undefined
  #manifestBytes: Buffer | undefined
  #signature = ''
  sinkFailed = false

  constructor(keys: KeyRing | undefined, sink: BackupSink) {
    this.#keys = keys
    this.#sink = sink
  }

  get hasBegun(): boolean {
    return this.#head !== undefined
  }

  async take(entry: ArchiveEntry): Promise<void> {
    if (this.#head === undefined) {
      this.#head = parseHead(entry.path === parts.head ? (await wholeOf(entry)).toString('utf8') : '')
      const head = this.#head
      return await this.#give(() => this.#sink.head(head))
    }
    if (entry.path.startsWith(parts.rows)) return await this.#takeRows(entry)
    if (entry.path.startsWith(parts.files))
      return await this.#takeFile(entry, entry.path.slice(parts.files.length))
    const body = await wholeOf(entry)
    if (entry.path === parts.manifest) this.#manifestBytes = body
    else if (entry.path === parts.signature) this.#signature = body.toString('utf8')
    else this.problems.push(`${entry.path} is no part of a backup`)
  }

  result(): ReadBackup {
    const head = this.#head ?? parseHead('')
    const bytes = this.#manifestBytes
    if (bytes === undefined) {
      this.problems.push('the manifest is missing: the archive is cut short, or was never finished')
      return { head, manifest: null, authenticity: 'no-key', problems: this.problems }
    }
    const manifest = this.#manifestOf(bytes)
    if (manifest === null) return { head, manifest, authenticity: 'forged', problems: this.problems }
    const signed = { keyVersion: manifest.keyVersion, signature: this.#signature }
    const authenticity = authenticityOf(this.#keys, bytes, signed)
    if (authenticity === 'forged') this.problems.push('the manifest is not the one that was signed')
    this.#compare(head, manifest)
    return { head, manifest, authenticity, problems: this.problems }
  }

  #manifestOf(bytes: Buffer): Manifest | null {
    try {
      return parseManifest(bytes.toString('utf8'))
    } catch {
      this.problems.push('the manifest is damaged')
      return null
    }
  }

  async #takeRows(entry: ArchiveEntry): Promise<void> {
    const table = entry.path.slice(parts.rows.length).split('/')[0] ?? ''
    const lines = (await wholeOf(entry))
      .toString('utf8')
      .split('\n')
      .filter((line) => line !== '')
    const digest = this.#tables.get(table) ?? new TableDigest()
    this.#tables.set(table, digest)
    for (const line of lines) digest.add(line)
    await this.#give(() => this.#sink.rows(table, lines))
  }

  async #takeFile(entry: ArchiveEntry, path: string): Promise<void> {
    const { kind, mode, size, target } = entry
    if (kind === 'folder') {
      this.#files.set(path, { kind, path, mode })
      return await this.#give(() => this.#sink.folder(path, mode))
    }
    if (kind === 'link') {
      this.#files.set(path, { kind, path, target })
      return await this.#give(() => this.#sink.link(path, target))
    }
    const hash = createHash('sha256')
    await this.#sink.file(
      { path, mode },
      hashed(entry.chunks, (chunk) => hash.update(chunk)),
    )
    this.#files.set(path, { kind, path, size, mode, sha256: hash.digest('hex') })
  }

  /** A fault of what the parts are given to is no damage of the backup. */
  async #give(act: () => Promise<void>): Promise<void> {
    try {
      await act()
    } catch (error) {
      this.sinkFailed = true
      throw error
    }
  }

  #compare(head: BackupHead, manifest: Manifest): void {
    for (const key of Object.keys(head) as (keyof BackupHead)[]) {
      if (!isDeepStrictEqual(manifest[key], head[key]))
        this.problems.push(`${parts.head} says another ${key} than the manifest`)
    }
    for (const table of manifest.tables) this.#compareTable(table)
    const known = new Map(manifest.files.map((file) => [file.path, file]))
    for (const [path, wanted] of known) {
      const found = this.#files.get(path)
      if (found === undefined) this.problems.push(`the file ${path} is missing`)
      else if (!isSame(found, wanted)) this.problems.push(`the file ${path} was changed`)
    }
    for (const path of this.#files.keys())
      if (!known.has(path)) this.problems.push(`the file ${path} is not in the manifest`)
    for (const name of this.#tables.keys()) {
      if (!manifest.tables.some((table) => table.name === name))
        this.problems.push(`the table ${name} is not in the manifest`)
    }
  }

  #compareTable({ name, rows, sha256 }: BackupTable): void {
    const found = this.#tables.get(name)?.end()
    if (found === undefined) this.problems.push(`the table ${name} is missing`)
    else if (found.rows !== rows) this.problems.push(`the table ${name} has ${found.rows} rows, not ${rows}`)
    else if (found.sha256 !== sha256) this.problems.push(`rows of the table ${name} were changed`)
  }
}

function isSame(a: BackupFile, b: BackupFile): boolean {
  if (a.kind === 'file' && b.kind === 'file')
    return a.size === b.size && a.mode === b.mode && a.sha256 === b.sha256
  if (a.kind === 'folder' && b.kind === 'folder') return a.mode === b.mode
  return a.kind === 'link' && b.kind === 'link' && a.target === b.target
}

async function* hashed(chunks: AsyncIterable<Buffer>, look: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    look(chunk)
    yield chunk
  }
}

async function wholeOf(entry: ArchiveEntry): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of entry.chunks) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** Of the disk, not of the archive. */
function isOfSystem(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}

function asBackupError(file: string, error: unknown, { sinkFailed }: Reading): unknown {
  if (isSkykeepError(error) || sinkFailed) return error
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return new SkykeepError('NOT_FOUND', `there is no file ${file}`)
  const reason = error instanceof Error ? error.message : String(error)
  return new SkykeepError('INVALID_INPUT', `${file} is no backup of Skykeep: ${reason}`, {
    cause: error,
    hint: 'Name a file that `skykeep state backup` made; `skykeep state backups` lists them.',
  })
}
