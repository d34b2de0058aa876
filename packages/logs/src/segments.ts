import { constants } from 'node:fs'
import { open, readdir, stat, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'

/** A log on disk is a folder of files named by the global offset of their first byte; an `end` file says that it is complete. */
export interface Segment {
  readonly path: string
  /** Global offset of its first byte. */
  readonly offset: number
}

const digits = 20
const suffix = '.seg'

/** Name of the file that marks a log as complete. */
export const endMark = 'end'

export function segmentName(offset: number): string {
  return `${String(offset).padStart(digits, '0')}${suffix}`
}

export interface LogFolder {
  readonly segments: readonly Segment[]
  readonly hasEndMark: boolean
}

/** What is in the folder of a log, oldest first; null when there is no such folder. */
export async function readLogFolder(folder: string): Promise<LogFolder | null> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => null)
  if (entries === null) return null
  // The folder of a job is its own to write in: a link, a pipe or a device there is no log.
  const names = entries.filter((entry) => entry.isFile()).map((entry) => entry.name)
  const segments = names
    .filter((name) => name.endsWith(suffix) && /^\d+$/.test(name.slice(0, -suffix.length)))
    .toSorted()
    .map((name) => ({ path: join(folder, name), offset: Number(name.slice(0, -suffix.length)) }))
  return { segments, hasEndMark: names.includes(endMark) }
}

/** Bytes in a segment; 0 when it was dropped meanwhile. */
export async function segmentSize(segment: Segment): Promise<number> {
  return stat(segment.path).then(
    ({ size }) => size,
    () => 0,
  )
}

/** Opens a segment to read; null when it was dropped meanwhile or is no plain file. */
export async function openSegment(segment: Segment): Promise<FileHandle | null> {
  return await openPlainFile(segment.path)
}

/** Opens a file that somebody else may have put there; null when it is not there or no plain file. Never waits and never follows a link. */
export async function openPlainFile(path: string): Promise<FileHandle | null> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants
  const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch(() => null)
  if (file === null || (await file.stat()).isFile()) return file
  await file.close()
  return null
}
