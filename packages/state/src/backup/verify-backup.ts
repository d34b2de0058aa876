import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isSkykeepError } from '@skykeep/core/errors'
import { openDump } from '@skykeep/db/dump'
import { sweepFolder } from '@skykeep/persistent-path/leftovers'
import type { KeyRing } from '@skykeep/secrets/key-ring'
import { TableDigest } from './digests.ts'
import { type LoadTarget, RowLoader } from './load-backup.ts'
import type { Authenticity, Manifest } from './manifest.ts'
import { readBackup } from './read-backup.ts'

export interface VerifySource extends Omit<LoadTarget, 'url' | 'id'> {
  readonly file: string
  readonly keys: KeyRing | undefined
  /** An existing folder for the temporary database. */
  readonly tmpDir: string
  readonly onBytes?: (bytes: number) => void
}

export interface Verdict {
  /** True: every digest holds, and the restored tables are what the manifest says. */
  readonly isIdentical: boolean
  readonly authenticity: Authenticity
  readonly manifest: Manifest | null
  /** What differs, by name, in sentences. */
  readonly differences: readonly string[]
}

/**
 * Proves a backup: reads it whole, compares every digest, restores its rows into a temporary database, reads them back and compares table by
 * table. Needs no plane and touches none. @throws INVALID_INPUT or UNSUPPORTED for what is no backup, STORAGE_DEGRADED.
 */
export async function verifyBackup(source: VerifySource): Promise<Verdict> {
  sweepFolder(source.tmpDir)
  const folder = mkdtempSync(join(source.tmpDir, `skykeep-verify-${process.pid}-`))
  const url = `file:${join(folder, 'state.db')}`
  const loader = new RowLoader({ ...source, url, id: 'verify' })
  const faults: string[] = []
  try {
    const read = await readBackup(
      source.file,
      source.keys,
      {
        head: (head) => loader.begin(head),
        rows: async (table, lines) => {
          // Rows that were changed may not load; their digest names them, and the rest is still looked at.
          if (faults.length > 0) return
          await loader.rows(table, lines).catch((error: unknown) => faults.push(faultOf(table, error)))
        },
        file: async (_, chunks) => {
          for await (const chunk of chunks) void chunk
        },
        folder: () => Promise.resolve(),
        link: () => Promise.resolve(),
      },
      source.onBytes,
    )
    if (read.manifest !== null && faults.length === 0) {
      await loader.commit().catch((error: unknown) => faults.push(faultOf('the rows', error)))
    }
    await loader.close()
    const restored =
      read.manifest === null || faults.length > 0
        ? faults
        : await compareRestored(url, join(folder, 'copy.db'), read.manifest)
    const differences = [...read.problems, ...restored]
    return { ...read, isIdentical: differences.length === 0 && read.manifest !== null, differences }
  } finally {
    await loader.close().catch(() => undefined)
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Reads every table back and compares it with the manifest. Returns what differs. */
export async function compareRestored(
  url: string,
  copyTo: string,
  manifest: Manifest,
): Promise<readonly string[]> {
  const differences: string[] = []
  const dump = await openDump({ url, copyTo })
  try {
    for (const wanted of manifest.tables) {
      const table = dump.tables.find(({ name }) => name === wanted.name)
      if (table === undefined) {
        differences.push(`restored: the table ${wanted.name} is missing`)
        continue
      }
      const digest = new TableDigest()
      for await (const line of dump.rows(table)) digest.add(line)
      const { rows, sha256 } = digest.end()
      if (rows !== wanted.rows)
        differences.push(`restored: the table ${wanted.name} has ${rows} rows, not ${wanted.rows}`)
      else if (sha256 !== wanted.sha256) differences.push(`restored: rows of ${wanted.name} differ`)
    }
  } finally {
    await dump.close()
  }
  return differences
}

function faultOf(what: string, error: unknown): string {
  const isTold = isSkykeepError(error) && error.code !== 'INTERNAL'
  return `${what} cannot be restored: ${isTold ? error.userMessage : error instanceof Error ? error.message : String(error)}`
}
