import { createHash } from 'node:crypto'
import { constants, createReadStream } from 'node:fs'
import { chmod, lstat, mkdir, open, readdir, readlink, rm, symlink, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { SkykeepError } from '@skykeep/core/errors'
import { syncFolder } from '@skykeep/persistent-path/atomic-file'
import { walk } from '../backup/state-files.ts'

const pieceBytes = 1 << 20

/**
 * Makes a folder the same as another: copies what is missing or changed (size or time), removes what is not there any more. Each copy is on
 * disk and was read back and compared when it returns; a missing source is an empty one. May be repeated: the second time only what changed
 * since is copied. @returns bytes copied. @throws the file system's error, INTERNAL for a copy that reads back as something else.
 */
export async function syncTree(
  from: string,
  to: string,
  onBytes: (bytes: number) => void = () => undefined,
): Promise<number> {
  let copied = 0
  const wanted = new Set<string>()
  const folders = [to]
  await mkdir(to, { recursive: true, mode: 0o700 })
  for await (const entry of walk(from, from)) {
    const target = join(to, entry.path)
    wanted.add(target)
    if (entry.kind === 'folder') {
      await replaceUnless(target, (stats) => stats.isDirectory())
      await mkdir(target, { recursive: true, mode: 0o700 })
      await chmod(target, entry.mode | 0o700)
      folders.push(target)
    } else if (entry.kind === 'link') {
      const text = await readlink(entry.absolute)
      if ((await readlink(target).catch(() => undefined)) === text) continue
      await rm(target, { recursive: true, force: true })
      await symlink(text, target)
    } else if (!(await isCopied(entry.absolute, target))) {
      await replaceUnless(target, (stats) => stats.isFile())
      copied += await copyVerified(entry.absolute, target)
      onBytes(copied)
    }
  }
  await removeOthers(to, wanted)
  for (const folder of folders.toReversed()) syncFolder(folder)
  return copied
}

/** Copies one file durably, with mode and time, and reads it back. @returns its bytes. */
export async function copyVerified(from: string, to: string): Promise<number> {
  const source = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW)
  try {
    const stats = await source.stat()
    await mkdir(dirname(to), { recursive: true, mode: 0o700 })
    const target = await open(to, 'w', 0o600)
    const hash = createHash('sha256')
    try {
      for (let done = 0; done < stats.size;) {
        const piece = Buffer.alloc(Math.min(pieceBytes, stats.size - done))
        const { bytesRead } = await source.read(piece, 0, piece.length, done)
        if (bytesRead === 0) break
        const part = piece.subarray(0, bytesRead)
        hash.update(part)
        await target.write(part)
        done += bytesRead
      }
      await target.chmod(stats.mode & 0o777)
      await target.sync()
    } finally {
      await target.close()
    }
    await utimes(to, stats.atime, stats.mtime)
    if ((await digestOf(to)) === hash.digest('hex')) return stats.size
  } finally {
    await source.close()
  }
  throw new SkykeepError('INTERNAL', `the copy ${to} does not read back as ${from}`, {
    hint: 'Look at the disk that it was copied to; the original is untouched.',
  })
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash('sha256')
  // A stream of bytes without an encoding yields Buffers only.
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) hash.update(chunk)
  return hash.digest('hex')
}

async function isCopied(from: string, to: string): Promise<boolean> {
  const [a, b] = await Promise.all([lstat(from), lstat(to).catch(() => undefined)])
  if (b === undefined || !b.isFile() || a.size !== b.size) return false
  return Math.abs(a.mtimeMs - b.mtimeMs) < 1 && (a.mode & 0o777) === (b.mode & 0o777)
}

async function replaceUnless(
  path: string,
  isFine: (stats: Awaited<ReturnType<typeof lstat>>) => boolean,
): Promise<void> {
  const stats = await lstat(path).catch(() => undefined)
  if (stats !== undefined && !isFine(stats)) await rm(path, { recursive: true, force: true })
}

async function removeOthers(folder: string, wanted: ReadonlySet<string>): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (!wanted.has(path)) await rm(path, { recursive: true, force: true })
    else if (entry.isDirectory()) await removeOthers(path, wanted)
  }
}
