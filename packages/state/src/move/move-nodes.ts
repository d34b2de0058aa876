import { existsSync, lstatSync, mkdirSync, readdirSync, renameSync, rmdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { syncFolder } from '@skykeep/persistent-path/atomic-file'
import type { Layout } from '@skykeep/persistent-path/layout'

/** Folders of the `local` infra whose entries belong to single nodes; the rest of local/ holds nodes themselves. */
const sharedFolders = ['.nodes', '.sim'] as const

/** How the folders of running nodes went along. */
export type NodesMoved = 'renamed' | 'linked' | 'none'

/**
 * Takes the folders of running nodes to the new path: their processes have HOME under the old one, and go on. On one file system the folder is
 * renamed and a link stays behind (between the two, for microseconds, a process that opens a file by its full name finds none). Across file
 * systems they stay, and the new path gets a link to each: they go with their replicas. Does nothing that is done. Throws the file system's error.
 */
export function moveNodes(from: Layout, to: Layout): NodesMoved {
  const stats = lstatSync(from.localDir, { throwIfNoEntry: false })
  if (stats === undefined || stats.isSymbolicLink()) {
    // Killed between the rename and the link.
    if (stats === undefined && existsSync(from.root)) linkDurably(to.localDir, from.localDir)
    return 'renamed'
  }
  try {
    removeEmpty(to.localDir)
    renameSync(from.localDir, to.localDir)
    linkDurably(to.localDir, from.localDir)
    return 'renamed'
  } catch (error) {
    if (!hasCode(error, 'EXDEV') && !hasCode(error, 'ENOTEMPTY')) throw error
    return linkEach(from.localDir, to.localDir) ? 'linked' : 'none'
  }
}

/** Links every entry of a folder from another; the shared ones are folders there too, with links in them. */
function linkEach(from: string, to: string): boolean {
  mkdirSync(to, { recursive: true, mode: 0o700 })
  let hasLinked = false
  for (const name of readdirSync(from)) {
    const [source, target] = [join(from, name), join(to, name)]
    if (sharedFolders.some((shared) => shared === name)) hasLinked = linkEach(source, target) || hasLinked
    else if (name !== '.trash') {
      hasLinked = true
      if (lstatSync(target, { throwIfNoEntry: false }) === undefined) symlinkSync(source, target)
    }
  }
  syncFolder(to)
  return hasLinked
}

function linkDurably(target: string, link: string): void {
  symlinkSync(target, link)
  syncFolder(dirname(link))
  syncFolder(dirname(target))
}

function removeEmpty(folder: string): void {
  if (
    lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() === true &&
    readdirSync(folder).length === 0
  )
    rmdirSync(folder)
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
