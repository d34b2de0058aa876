import type { Clock } from '@skykeep/core/clock'
import { SkykeepError } from '@skykeep/core/errors'
import { databaseKindOf } from '@skykeep/db/database-url'
import { canonicalJson, type DumpTable, type DumpValue, encodeRow } from '@skykeep/db/dump-table'
import type { Load } from '@skykeep/db/load'
import { claimEmptyDatabase } from '@skykeep/db/fill-claim'
import { openLoad } from '@skykeep/db/load-rows'
import { migrate } from '@skykeep/db/migrate'
import { storable } from '@skykeep/db/storable'
import { TableDigest } from './digests.ts'
import type { BackupHead, BackupTable } from './manifest.ts'

export interface LoadTarget {
  /** An empty database, or one that this very `id` had begun to fill. */
  readonly url: string
  /** Names what is loaded, the same in each try. */
  readonly id: string
  readonly migrationsDir: string
  readonly programVersion: string
  readonly clock: Clock
}

const rowsAtOnce = 500

/** Fills an empty database with the rows of a backup, in one transaction under the very schema that they were read from. */
export class RowLoader {
  readonly #target: LoadTarget
  #load: Load | undefined
  readonly #digests = new Map<string, TableDigest>()
  readonly #replaced = new Set<string>()

  constructor(target: LoadTarget) {
    this.#target = target
  }

  /** @throws CONFLICT for a database that is not empty, UNSUPPORTED where this program does not know the schema. */
  async begin(head: BackupHead): Promise<void> {
    await claimEmptyDatabase(this.#target.url, this.#target.id)
    const applied = await migrate({ ...this.#target, upTo: head.migration })
    if (applied.at(-1) !== head.migration) {
      throw new SkykeepError(
        'UNSUPPORTED',
        `the backup is of schema ${head.migration}, which this program does not know`,
        {
          userMessage: `The backup was made by a newer Skykeep (${head.program}); this one is ${this.#target.programVersion}.`,
          hint: `Use Skykeep ${head.program} or newer.`,
        },
      )
    }
    this.#load = await openLoad(this.#target.url)
  }

  async rows(table: string, lines: readonly string[]): Promise<void> {
    const load = this.#load
    const known = load?.tables.find(({ name }) => name === table)
    if (load === undefined || known === undefined)
      throw new SkykeepError('INVALID_INPUT', `the backup holds a table that its schema has not: ${table}`)
    const names = known.columns.map(({ name }) => name)
    for (let at = 0; at < lines.length; at += rowsAtOnce) {
      const kept = lines.slice(at, at + rowsAtOnce).map((line) => this.#storable(known, line))
      const rows = kept.map((line) => valuesOf(line, names))
      await load.insert(table, names, rows)
    }
  }

  /** The tables in which characters were replaced that PostgreSQL does not store, each as it is now. */
  get replaced(): readonly BackupTable[] {
    return [...this.#replaced].map((name) => {
      const { rows, sha256 } = (this.#digests.get(name) ?? new TableDigest()).end()
      return { name, rows, sha256 }
    })
  }

  #storable(table: DumpTable, line: string): string {
    if (databaseKindOf(this.#target.url) !== 'postgresql') return line
    const kept = storableLine(table, line)
    const digest = this.#digests.get(table.name) ?? new TableDigest()
    this.#digests.set(table.name, digest)
    digest.add(kept)
    if (kept !== line) this.#replaced.add(table.name)
    return kept
  }

  async commit(): Promise<void> {
    await this.#load?.commit()
  }

  async close(): Promise<void> {
    await this.#load?.close()
    this.#load = undefined
  }
}

/** A NUL or half a character stands escaped in the line, and once more in a column of JSON. */
function storableLine(table: DumpTable, line: string): string {
  if (!/\\u(?:0000|d[89a-f])/i.test(line)) return line
  // A line of a dump; a damaged one fails here or at its digest.
  const row = storable(JSON.parse(line) as Record<string, DumpValue>)
  return encodeRow(
    table,
    table.columns.map(({ name, type }) => {
      const value = row[name] ?? null
      return type === 'json' && typeof value === 'string'
        ? canonicalJson(JSON.stringify(storable<unknown>(JSON.parse(value))))
        : value
    }),
  )
}

function valuesOf(line: string, names: readonly string[]): readonly DumpValue[] {
  // A line of a dump; a damaged one fails here or at its digest.
  const row = JSON.parse(line) as Record<string, DumpValue>
  return names.map((name) => row[name] ?? null)
}
