import { DatabaseSync } from 'node:sqlite'

/** What came of trying to lead. `broken`: the lock file cannot be used at all (read-only or full disk). */
export type LockResult = 'held' | 'busy' | 'broken'

/**
 * The right to bind ports and fork siblings on one path: an exclusive lock of SQLite (fcntl(2)), which the kernel gives
 * back when the process dies, also by SIGKILL.
 */
export class LeaderLock {
  private path: string
  private database: DatabaseSync | null = null

  constructor(path: string) {
    this.path = path
  }

  tryAcquire(): LockResult {
    if (this.database !== null) return 'held'
    let database: DatabaseSync | null = null
    try {
      database = new DatabaseSync(this.path, { timeout: 0 })
      database.exec('BEGIN EXCLUSIVE')
      this.database = database
      return 'held'
    } catch (error) {
      database?.close()
      // SQLITE_BUSY with any extension, https://sqlite.org/rescode.html#busy
      const code: unknown = error instanceof Error ? Reflect.get(error, 'errcode') : undefined
      return typeof code === 'number' && (code & 0xff) === 5 ? 'busy' : 'broken'
    }
  }

  /**
   * The same right on another path: whoever has it here has it there afterwards, and here no more. 'busy': somebody else has it
   * there, and nothing changed.
   */
  moveTo(path: string): LockResult {
    if (path === this.path || this.database === null) {
      this.path = path
      return 'held'
    }
    const next = new LeaderLock(path)
    const result = next.tryAcquire()
    if (result === 'busy') return result
    this.release()
    this.path = path
    this.database = next.database
    return result
  }

  release(): void {
    this.database?.close()
    this.database = null
  }
}
