import { constants } from 'node:fs'
import { lstat, open, readdir, readlink } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { Layout } from '@skykeep/persistent-path/layout'

/** Something under the persistent path that belongs to the state. */
export interface StateFile {
  readonly kind: 'file' | 'folder' | 'link'
  readonly absolute: string
  /** From the root of the path. */
  readonly path: string
  readonly size: number
  readonly mode: number
}

/** Folders whose files are state. Everything else is made anew (runtime, gateway, cache, tmp), is a key, or belongs to nodes. */
export function stateFolders(layout: Layout, hasLogs: boolean): readonly string[] {
  return [layout.versionsDir, layout.uploadsDir, ...(hasLogs ? [layout.logsDir] : [])]
}

/** Walks a folder, each folder before what is in it, in order of name. What vanishes meanwhile is left out; sockets and pipes are too. */
export async function* walk(root: string, folder: string): AsyncGenerator<StateFile> {
  const names = await readdir(folder).catch(unlessMissing)
  for (const name of (names ?? []).toSorted()) {
    const absolute = join(folder, name)
    const stats = await lstat(absolute).catch(unlessMissing)
    if (stats === undefined || name.endsWith('.part')) continue
    const kind = stats.isDirectory() ? 'folder' : stats.isSymbolicLink() ? 'link' : 'file'
    if (kind === 'file' && !stats.isFile()) continue
    yield { kind, absolute, path: relative(root, absolute), size: stats.size, mode: stats.mode & 0o777 }
    if (kind === 'folder') yield* walk(root, absolute)
  }
}

/** Content of a file as it is now, in pieces; undefined when it is gone. Never follows a link. */
export async function openContent(
  file: StateFile,
): Promise<{ readonly size: number; readonly chunks: AsyncGenerator<Buffer> } | undefined> {
  const handle = await open(file.absolute, constants.O_RDONLY | constants.O_NOFOLLOW).catch(unlessMissing)
  if (handle === undefined) return undefined
  const { size } = await handle.stat()
  return { size, chunks: exactly(handle, size) }
}

/** Reads the target of a link; undefined when it is gone. */
export async function targetOf(file: StateFile): Promise<string | undefined> {
  return await readlink(file.absolute).catch(unlessMissing)
}

const pieceBytes = 1 << 20

/** Exactly so many bytes: a log that is cut short meanwhile is filled up with zeros, one that grows is read as far as it was. */
async function* exactly(handle: Awaited<ReturnType<typeof open>>, size: number): AsyncGenerator<Buffer> {
  try {
    for (let done = 0; done < size;) {
      const piece = Buffer.alloc(Math.min(pieceBytes, size - done))
      const { bytesRead } = await handle.read(piece, 0, piece.length, done)
      const isCut = bytesRead === 0
      const part = isCut ? piece : piece.subarray(0, bytesRead)
      done += part.length
      yield part
    }
  } finally {
    await handle.close()
  }
}

function unlessMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}
