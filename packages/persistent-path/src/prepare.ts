import { existsSync, lstatSync, mkdirSync, realpathSync, rmSync, type Stats } from 'node:fs'
import { dirname, join } from 'node:path'
import { SkykeepError } from '@skykeep/core/errors'
import { writeFileAtomic } from './atomic-file.ts'
import { DiskReserve } from './disk-reserve.ts'
import { fileSystemOf, requireFileSystem } from './file-system.ts'
import { foldersOf, type Layout, layoutOf } from './layout.ts'
import { sweepLeftovers } from './leftovers.ts'
import { inspectModes } from './modes.ts'
import { isStorageFault, storageError, storageFaultOf } from './storage-fault.ts'

export interface PreparedPath {
  /** The layout of the real path: symbolic links in the given one are followed once, here. */
  readonly layout: Layout
  /** For the person who starts it: what is doubtful but not refused. */
  readonly warnings: readonly string[]
}

/**
 * Makes a persistent path ready: sets the umask of this process to 077, creates missing folders (0700), and refuses what is not safe.
 * Throws FORBIDDEN (owner, mode, ACL, foreign link; with the fix), UNSUPPORTED (file system) or STORAGE_DEGRADED (full, read-only, I/O).
 */
export function preparePath(root: string, usesSqlite: boolean): PreparedPath {
  process.umask(0o077)
  const uid = process.getuid?.() ?? 0
  try {
    refuseForeignLink(root, uid)
    makeFolder(root)
    const layout = layoutOf(realpathSync(root))
    const warning = requireFileSystem(fileSystemOf(layout.root), usesSqlite)
    refuseFindings(layout, uid)
    for (const folder of foldersOf(layout)) makeFolder(folder)
    refuseFindings(layout, uid)
    sweepLeftovers(layout)
    proveWritable(layout)
    return { layout, warnings: warning === undefined ? [] : [warning] }
  } catch (error) {
    if (isStorageFault(error)) throw storageError(error, `the persistent path ${root}`)
    if (!(error instanceof Error && 'code' in error) || error instanceof SkykeepError) throw error
    throw new SkykeepError('FORBIDDEN', `the persistent path ${root} cannot be used: ${error.message}`, {
      cause: error,
      hint: 'Create it, give it to the user who runs this, or set SKYPILOT_PERSISTENT_PATH to another folder.',
    })
  }
}

/** Not `recursive: true`: Node then reports a read-only file system as ENOENT. */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  if (dirname(path) !== path) makeFolder(dirname(path))
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    // Another start made it in between; its owner and modes are examined all the same.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}

function refuseFindings(layout: Layout, uid: number): void {
  const findings = inspectModes(layout, uid)
  const first = findings[0]
  if (first === undefined) return
  const more = findings.length > 1 ? ` (and ${findings.length - 1} more)` : ''
  throw new SkykeepError('FORBIDDEN', `the persistent path is not safe: ${first.detail}${more}`, {
    hint: first.problem === 'type' ? first.fix : `${first.fix}, or \`skykeep state doctor --fix\``,
    context: { findings },
  })
}

/** A link that somebody else made, or could replace, decides where our secrets are written. */
function refuseForeignLink(root: string, uid: number): void {
  const stats: Stats | undefined = lstatSync(root, { throwIfNoEntry: false })
  if (stats?.isSymbolicLink() !== true) return
  const parent = lstatSync(dirname(root))
  const isOpen = (parent.mode & 0o002) !== 0 && (parent.mode & 0o1000) === 0
  if ((stats.uid === uid || stats.uid === 0) && !isOpen) return
  throw new SkykeepError('FORBIDDEN', `the persistent path ${root} is a symbolic link that others may set`, {
    hint: 'Name the folder itself in SKYPILOT_PERSISTENT_PATH.',
  })
}

/** A full disk is no reason not to start: the reserve is given back for it, and then there is room. */
function proveWritable(layout: Layout): void {
  const probe = join(layout.tmpDir, `.write-${process.pid}`)
  try {
    writeFileAtomic(probe, Buffer.alloc(4096))
  } catch (error) {
    if (storageFaultOf(error) !== 'ENOSPC' || new DiskReserve(layout.reserveFile).release() === 0) throw error
    writeFileAtomic(probe, Buffer.alloc(4096))
  } finally {
    rmSync(probe, { force: true })
  }
}
