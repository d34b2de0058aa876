import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { identityOf } from './process-identity.ts'

export interface AtomicWrite {
  /** File mode, 0600 unless told. */
  readonly mode?: number
  /**
   * True (default): the content and its name survive a power cut (fsync of file and folder). False: atomic for readers only, for what
   * a reboot makes worthless (runtime records, heartbeats).
   */
  readonly isDurable?: boolean
}

let sequence = 0

/**
 * Replaces a file whole: readers see the old content or the new one, never a part. Writes a temporary file beside it, then renames.
 * Throws the file system's error (ENOSPC, EROFS, EIO, …) and then leaves the old content and no temporary file.
 */
export function writeFileAtomic(path: string, content: string | Uint8Array, write: AtomicWrite = {}): void {
  const { mode = 0o600, isDurable = true } = write
  sequence += 1
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.${sequence}.tmp`)
  try {
    const file = openSync(temporary, 'w', mode)
    try {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content
      for (let done = 0; done < bytes.byteLength;) done += writeSync(file, bytes, done)
      if (isDurable) fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
  if (!isDurable) return
  syncFolder(dirname(path))
  sweepOthers(path)
}

/** What writers of the same file that were killed left beside it; it may hold what must not lie about, such as a key. */
function sweepOthers(path: string): void {
  const [folder, start] = [dirname(path), `.${basename(path)}.`]
  for (const name of readdirSync(folder)) {
    const pid = name.startsWith(start) ? /^(\d+)\.\d+\.tmp$/.exec(name.slice(start.length))?.[1] : undefined
    if (pid !== undefined && identityOf(Number(pid)) === undefined)
      rmSync(join(folder, name), { force: true })
  }
}

/** Makes the names in a folder survive a power cut (fsync(2) on the directory). */
export function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}
