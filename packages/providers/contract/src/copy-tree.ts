import { randomUUID } from 'node:crypto'
import { chmod, copyFile, lstat, mkdir, readdir, readlink, rename, rm, symlink } from 'node:fs/promises'
import { constants } from 'node:fs'
import { dirname, join } from 'node:path'

const ownerMayWrite = 0o200
const ownerMayEnter = 0o700

/**
 * Copies a folder so that `target` appears complete or not at all; an existing target is left as it is. Modes are kept
 * (the owner may always write), symbolic links stay links, sockets and devices are left out. Throws the file system's errors.
 */
export async function copyTree(source: string, target: string): Promise<void> {
  if (await exists(target)) return
  await mkdir(dirname(target), { recursive: true })
  const staged = `${target}.copying-${randomUUID()}`
  try {
    await copyFolder(source, staged)
    await rename(staged, target)
  } catch (error) {
    await rm(staged, { recursive: true, force: true })
    // Somebody else was first: their copy is complete, because it appeared by rename too.
    if (await exists(target)) return
    throw error
  }
}

async function copyFolder(source: string, target: string): Promise<void> {
  const { mode } = await lstat(source)
  await mkdir(target, { mode: (mode & 0o777) | ownerMayEnter })
  for (const entry of await readdir(source, { withFileTypes: true })) {
    const from = join(source, entry.name)
    const to = join(target, entry.name)
    if (entry.isDirectory()) await copyFolder(from, to)
    else if (entry.isSymbolicLink()) await symlink(await readlink(from), to)
    else if (entry.isFile()) {
      await copyFile(from, to, constants.COPYFILE_FICLONE)
      await chmod(to, ((await lstat(from)).mode & 0o777) | ownerMayWrite)
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}
