import type { Holder } from '@skykeep/persistent-path/instance-lock'
import type { ModeFinding } from '@skykeep/persistent-path/modes'
import type { Check } from './check.ts'

const mib = 1 << 20

/** Owner, modes, access control lists and parents, in one check. */
export function judgeModes(findings: readonly ModeFinding[]): Check {
  const first = findings[0]
  if (first === undefined)
    return { name: 'owner and modes', status: 'ok', detail: 'folders 0700, files 0600, all yours' }
  const more = findings.length > 1 ? ` (and ${findings.length - 1} more)` : ''
  const isMendable = findings.every((finding) => finding.problem !== 'type' && finding.problem !== 'parent')
  const fix = isMendable ? 'skykeep state doctor --fix' : first.fix
  return { name: 'owner and modes', status: 'fail', detail: `${first.detail}${more}`, fix }
}

export interface Space {
  /** Bytes that this user may still write. */
  readonly freeBytes: number
  readonly totalBytes: number
  /** Files that may still be created; undefined where the file system does not count them. */
  readonly freeFiles: number | undefined
}

/** Below 256 MiB (or 2 % of a disk of less) it is nearly full; below 16 MiB it is full for us. */
export function judgeSpace({ freeBytes, totalBytes, freeFiles }: Space): Check {
  const name = 'free space'
  const detail = `${Math.floor(freeBytes / mib)} MiB of ${Math.floor(totalBytes / mib)} MiB free`
  const fix = 'Free space, or move the path to a larger disk.'
  if (freeFiles !== undefined && freeFiles < 1000) {
    return {
      name,
      status: freeFiles < 50 ? 'fail' : 'warn',
      detail: `only ${freeFiles} more files can be created`,
      fix,
    }
  }
  if (freeBytes < 16 * mib) return { name, status: 'fail', detail, fix }
  return freeBytes < 256 * mib ? { name, status: 'warn', detail, fix } : { name, status: 'ok', detail }
}

/** What the control plane keeps for itself, so that it can still commit when the disk is full (invariant 15). Bytes. */
export function judgeReserve(heldBytes: number, wantedBytes: number): Check {
  const name = 'disk reserve'
  const wanted = `${Math.floor(wantedBytes / mib)} MiB`
  if (heldBytes >= wantedBytes)
    return { name, status: 'ok', detail: `${wanted} are kept for the control plane` }
  // A disk that is too full for it is told of as free space.
  if (heldBytes === 0)
    return {
      name,
      status: 'ok',
      detail: `none now: a running control plane takes ${wanted} where there is room`,
    }
  const detail = `${Math.floor(heldBytes / mib)} of ${wanted} are kept for the control plane`
  return {
    name,
    status: 'warn',
    detail,
    fix: 'Free space: a running control plane takes the rest by itself.',
  }
}

/** Median time of one 4 KiB write with fsync, milliseconds. Each commit waits for at least one. */
export function judgeFsync(medianMs: number): Check {
  const detail = `a write reaches the disk in ${medianMs < 10 ? medianMs.toFixed(1) : Math.round(medianMs)} ms`
  if (medianMs <= 50) return { name: 'fsync', status: 'ok', detail }
  const fix = 'Use a faster disk: every change waits for it.'
  return { name: 'fsync', status: medianMs > 2000 ? 'fail' : 'warn', detail, fix }
}

/** Whether a second process was kept out of a locked file. */
export function judgeLocking(isKeptOut: boolean): Check {
  if (isKeptOut)
    return { name: 'locking', status: 'ok', detail: 'a second process is kept out of a locked file' }
  return {
    name: 'locking',
    status: 'fail',
    detail: 'two processes could lock one file at the same time',
    fix: 'Use a local block file system (ext4, XFS, Btrfs, APFS), or set database.url to PostgreSQL.',
  }
}

export interface LockState {
  readonly isHeld: boolean
  readonly holder: Pick<Holder, 'pid' | 'hostname'> | undefined
  /** Whether the process that signed as holder exists here. */
  readonly isHolderAlive: boolean
  readonly isAnswering: boolean
}

/** Who may write, and whether it does its work. */
export function judgeHolder({ isHeld, holder, isHolderAlive, isAnswering }: LockState): Check {
  const name = 'one writer'
  if (!isHeld) return { name, status: 'ok', detail: 'no control plane holds the path' }
  if (holder === undefined) {
    const detail = 'a process that did not sign holds the lock file'
    return { name, status: 'warn', detail, fix: 'Find it: fuser PATH/runtime/lock.db' }
  }
  const who = `the control plane with pid ${holder.pid} on ${holder.hostname}`
  if (isHolderAlive && isAnswering) return { name, status: 'ok', detail: `${who} holds the path and answers` }
  if (isHolderAlive) {
    const fix = 'A second `npm start` stands by and replaces it after 10 s.'
    return { name, status: 'warn', detail: `${who} holds the path and does not answer`, fix }
  }
  const fix = `Look on ${holder.hostname}, and in the containers that share the path.`
  return { name, status: 'warn', detail: `${who} signed, but is not to be seen from here`, fix }
}

export interface RuntimeFile {
  readonly name: string
  readonly isReadable: boolean
  readonly isAlive: boolean
}

/** Runtime records without a process. Harmless: the next start sweeps them. */
export function judgeRuntimeFiles(files: readonly RuntimeFile[]): Check {
  const name = 'runtime files'
  const orphans = files.filter((file) => !file.isAlive || !file.isReadable).map((file) => file.name)
  if (orphans.length === 0) return { name, status: 'ok', detail: `${files.length} processes, all alive` }
  const detail = `no process belongs to: ${orphans.join(', ')}`
  return { name, status: 'warn', detail, fix: 'Nothing: the next `npm start` sweeps them.' }
}

export interface SchemaState {
  /** Newest migration in the database; empty when it has none. */
  readonly applied: string
  /** Newest migration that this program brings; empty when it is not known. */
  readonly newest: string
}

/** Names sort by time. */
export function judgeSchema({ applied, newest }: SchemaState): Check {
  const name = 'schema'
  if (applied === '')
    return { name, status: 'warn', detail: 'the database is empty', fix: 'Nothing: `npm start` fills it.' }
  if (newest === '' || applied === newest) return { name, status: 'ok', detail: `at ${applied}` }
  if (applied < newest) {
    return {
      name,
      status: 'warn',
      detail: `at ${applied}, this program brings ${newest}`,
      fix: 'Nothing: the next start migrates.',
    }
  }
  const fix = 'Start the newer Skykeep that migrated it, or restore a backup from before.'
  return { name, status: 'warn', detail: `at ${applied}, newer than this program (${newest})`, fix }
}
