import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

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
  if (isDurable) syncFolder(dirname(path))
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
