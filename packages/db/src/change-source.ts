import BetterSqlite3 from 'better-sqlite3'
import { Client } from 'pg'
import { changedChannel } from './postgresql-names.ts'

/** Says that something was committed by any process. It may be silent or say too much: only a hint. */
export interface ChangeSource {
  /** Takes everything committed so far as known: for a caller that tells of it itself. */
  skip(): void
  close(): Promise<void>
}

const pollMs = 100

/**
 * Asks SQLite ten times a second, on a connection that does nothing else, whether another connection has committed
 * (sqlite.org/pragma.html#pragma_data_version; the file's own header does not move in WAL mode).
 */
export function pollSqlite(file: string, ring: () => void): ChangeSource {
  const connection = new BetterSqlite3(file, { timeout: 0 })
  const statement = connection.prepare('PRAGMA data_version').pluck()
  let seen: unknown
  const hasMoved = (): boolean => {
    let version: unknown
    try {
      version = statement.get()
    } catch {
      // A fault of the disk shows where it matters, in reads and writes; the next look may succeed.
      return false
    }
    if (version === seen) return false
    seen = version
    return true
  }
  const timer = setInterval(() => {
    if (hasMoved()) ring()
  }, pollMs)
  timer.unref()
  return {
    skip: () => void hasMoved(),
    close: async () => {
      clearInterval(timer)
      connection.close()
    },
  }
}

interface ListenOptions {
  readonly ring: () => void
  /** Pause before a lost connection is made again, milliseconds. */
  readonly reconnectMs: number
}

/** LISTEN on a connection of its own, made again for as long as it is lost. */
export async function listenToPostgresql(
  url: string,
  { ring, reconnectMs }: ListenOptions,
): Promise<ChangeSource> {
  let isClosed = false
  let client: Client | undefined
  let timer: NodeJS.Timeout | undefined

  const again = (): void => {
    client = undefined
    if (isClosed || timer !== undefined) return
    timer = setTimeout(() => {
      timer = undefined
      void connect()
    }, reconnectMs)
    timer.unref()
  }
  const connect = async (): Promise<void> => {
    const next = new Client({ connectionString: url, application_name: 'skykeep watch', keepAlive: true })
    next.on('notification', ring)
    next.on('error', () => undefined)
    try {
      await next.connect()
      await next.query(`LISTEN ${changedChannel}`)
    } catch {
      await next.end().catch(() => undefined)
      again()
      return
    }
    client = next
    next.on('end', again)
    if (isClosed) await next.end()
    // What was committed while nobody listened.
    ring()
  }

  await connect()
  return {
    skip: () => undefined,
    close: async () => {
      isClosed = true
      clearTimeout(timer)
      await client?.end().catch(() => undefined)
    },
  }
}
