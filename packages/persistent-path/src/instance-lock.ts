import { readFileSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { writeFileAtomic } from './atomic-file.ts'
import type { Layout } from './layout.ts'
import type { ProcessIdentity } from './process-identity.ts'
import { isStorageFault, storageError } from './storage-fault.ts'

/** What `runtime/holder.json` says of the plane that holds the instance lock. */
export interface Holder extends ProcessIdentity {
  /** Unique per acquisition. */
  readonly run: string
  /** Grows by one with every heartbeat. The only thing that tells a living holder from a stopped one. */
  readonly counter: number
  /** For people. */
  readonly hostname: string
}

export interface HolderName extends ProcessIdentity {
  readonly run: string
  readonly hostname: string
}

/**
 * The right to be the one control plane of a persistent path: an exclusive lock of SQLite (fcntl(2)) on runtime/lock.db, which the kernel
 * gives back when the process dies. While it is held, no other code of this process may open lock.db: closing any descriptor of the file
 * would drop the lock.
 */
export class InstanceLock {
  readonly #layout: Layout
  readonly #database: DatabaseSync
  readonly #name: HolderName
  readonly #inode: number
  #counter = 0

  private constructor(layout: Layout, database: DatabaseSync, name: HolderName) {
    this.#layout = layout
    this.#database = database
    this.#name = name
    this.#inode = statSync(layout.lockDb).ino
  }

  /**
   * Takes the lock, or returns undefined at once when another process holds it. The first heartbeat is written before it returns.
   * Throws STORAGE_DEGRADED when the storage refuses (full, read-only, I/O).
   */
  static tryAcquire(layout: Layout, name: HolderName): InstanceLock | undefined {
    const database = tryLock(layout)
    if (database === undefined) return undefined
    const lock = new InstanceLock(layout, database, name)
    try {
      lock.heartbeat()
      return lock
    } catch (error) {
      database.close()
      throw isStorageFault(error) ? storageError(error, layout.holderFile) : error
    }
  }

  /** Counts once more; call it each second. Throws the file system's error: the lock is still held then, only not seen to be. */
  heartbeat(): void {
    this.#counter += 1
    writeFileAtomic(this.#layout.holderFile, JSON.stringify({ ...this.#name, counter: this.#counter }), {
      isDurable: false,
    })
  }

  /**
   * Whether this is still the lock of the path: the lock file is the one that was locked and nobody else has signed as holder. False is
   * final: the process must stop at once, and must write nothing. An unreadable file decides nothing.
   */
  isStillHeld(): boolean {
    try {
      if (statSync(this.#layout.lockDb).ino !== this.#inode) return false
    } catch (error) {
      return !isMissing(error)
    }
    const holder = readHolder(this.#layout)
    return holder === undefined || holder.run === this.#name.run
  }

  /** Gives the lock back. The last sign stays, so that a successor sees who it was. */
  release(): void {
    this.#database.close()
  }
}

/** Who signed last as holder; undefined when nobody did or the file is unreadable. Says nothing about whether the lock is held now. */
export function readHolder(layout: Layout): Holder | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(layout.holderFile, 'utf8'))
    if (typeof value !== 'object' || value === null) return undefined
    // An object that came from JSON: its keys are strings, its values unknown.
    const { run, counter, hostname, bootId, pid, startTime } = value as Record<string, unknown>
    if (typeof run !== 'string' || typeof hostname !== 'string' || typeof bootId !== 'string')
      return undefined
    if (typeof counter !== 'number' || typeof pid !== 'number' || typeof startTime !== 'number')
      return undefined
    return { run, counter, hostname, bootId, pid, startTime }
  } catch {
    return undefined
  }
}

/** Whether some process holds the lock now. Never call it in the process that holds it. False where there is no lock file. */
export function isLockHeld(layout: Layout): boolean {
  if (statSync(layout.lockDb, { throwIfNoEntry: false }) === undefined) return false
  const database = tryLock(layout)
  database?.close()
  return database === undefined
}

function tryLock(layout: Layout): DatabaseSync | undefined {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(layout.lockDb, { timeout: 0 })
    database.exec('BEGIN EXCLUSIVE')
    return database
  } catch (error) {
    database?.close()
    if (isBusy(error)) return undefined
    throw isStorageFault(error) ? storageError(error, layout.lockDb) : error
  }
}

/** SQLITE_BUSY, with any extension (sqlite.org/rescode.html#busy). */
function isBusy(error: unknown): boolean {
  return (
    error instanceof Error &&
    'errcode' in error &&
    typeof error.errcode === 'number' &&
    (error.errcode & 0xff) === 5
  )
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
