import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, readdir, readlink } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * SHA-256, hex, of what a working folder holds: each path below it in byte order, with its kind, whether it is executable, and its content
 * or the target of the link. Times and owners do not count. Empty text for a folder that holds nothing. Follows no link.
 */
export async function contentHash(folder: string): Promise<string> {
  const lines = await linesOf(folder, '')
  if (lines.length === 0) return ''
  const hash = createHash('sha256')
  for (const line of lines) hash.update(line)
  return hash.digest('hex')
}

/** One line an entry, that no other folder has: a path holds no NUL, and the rest is of a known length or last. */
async function linesOf(root: string, below: string): Promise<string[]> {
  const entries = await readdir(join(root, below), { withFileTypes: true })
  const lines: string[] = []
  for (const entry of entries.toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`
    const file = join(root, path)
    if (entry.isDirectory()) {
      lines.push(`folder\0${path}\0\n`, ...(await linesOf(root, path)))
    } else if (entry.isSymbolicLink()) {
      lines.push(`link\0${path}\0${await readlink(file)}\0\n`)
    } else if (entry.isFile()) {
      const isExecutable = ((await lstat(file)).mode & 0o100) !== 0
      lines.push(`${isExecutable ? 'program' : 'file'}\0${path}\0${await fileHash(file)}\n`)
    }
  }
  return lines
}

async function fileHash(file: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Uint8Array)
  return hash.digest('hex')
}
