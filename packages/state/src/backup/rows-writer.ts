import type { Dump, DumpTable } from '@skykeep/db/dump-table'
import type { ArchiveWriter } from '../archive/archive-writer.ts'
import { TableDigest } from './digests.ts'
import { type BackupTable, parts } from './manifest.ts'
import type { BackupProgress } from './progress.ts'

/** Bytes of one part: what is in memory at once. */
const partBytes = 4 << 20

export interface WrittenRows {
  readonly tables: readonly BackupTable[]
  /** Folders that the versions of living services should have, from the root of the path. */
  readonly livingVersions: readonly string[]
}

/** Writes every table of a dump, in parts of bounded size, and notes what of the files the rows need. */
export class RowsWriter {
  readonly #archive: ArchiveWriter
  readonly #onProgress: ((progress: BackupProgress) => void) | undefined
  readonly #living = new Set<string>()
  readonly #versions: { readonly serviceUid: string; readonly path: string }[] = []
  #done = 0
  #total = 0

  constructor(archive: ArchiveWriter, onProgress: ((progress: BackupProgress) => void) | undefined) {
    this.#archive = archive
    this.#onProgress = onProgress
  }

  async write(dump: Dump): Promise<WrittenRows> {
    for (const table of dump.tables) this.#total += await dump.count(table)
    const tables: BackupTable[] = []
    for (const table of dump.tables) tables.push(await this.#writeTable(dump, table))
    return {
      tables,
      livingVersions: this.#versions
        .filter(({ serviceUid }) => this.#living.has(serviceUid))
        .map(({ path }) => path),
    }
  }

  async #writeTable(dump: Dump, table: DumpTable): Promise<BackupTable> {
    const digest = new TableDigest()
    let lines: string[] = []
    let bytes = 0
    let part = 0
    const flush = async (): Promise<void> => {
      part += 1
      const name = `${parts.rows}${table.name}/${String(part).padStart(6, '0')}.ndjson`
      await this.#archive.file(name, 0o600, Buffer.from(lines.map((line) => `${line}\n`).join('')))
      lines = []
      bytes = 0
      this.#onProgress?.({ phase: 'rows', done: this.#done, total: this.#total })
    }
    for await (const line of dump.rows(table)) {
      digest.add(line)
      this.#look(table.name, line)
      lines.push(line)
      bytes += line.length
      this.#done += 1
      if (bytes >= partBytes) await flush()
    }
    if (lines.length > 0 || part === 0) await flush()
    return { name: table.name, ...digest.end() }
  }

  #look(table: string, line: string): void {
    if (table !== 'services' && table !== 'service_versions') return
    // A line of the dump: an object of text, numbers and null.
    const row = JSON.parse(line) as Record<string, string | number | null>
    if (table === 'services') {
      if (row['living_name'] !== null) this.#living.add(String(row['uid']))
    } else {
      const serviceUid = String(row['service_uid'])
      this.#versions.push({ serviceUid, path: `versions/${serviceUid}/${String(row['version'])}` })
    }
  }
}
