import type { SkykeepEvent } from '@skykeep/core/events'
import { sqliteFileOf } from './database-url.ts'
import { eventBounds, listEvents } from './events.ts'
import type { Database } from './handles.ts'
import { listenToPostgresql, pollSqlite, type ChangeSource } from './change-source.ts'
import { Bell } from './bell.ts'

export interface WatchOptions {
  /** The database's URL: the watch has a connection of its own. */
  readonly url: string
  /** Longest that a change may stay unnoticed when every hint is lost, milliseconds; default 1 000. */
  readonly fallbackMs?: number
}

/** One per process, for all who wait: hints are shared, correctness rests on reading the log by number. */
export interface Watch {
  /**
   * Every event after `seq`, in order, none left out and none twice, also those from before the call; ends with the signal.
   * @throws CURSOR_TOO_OLD when retention removed some of them.
   */
  since(seq: number, signal: AbortSignal): AsyncIterable<readonly SkykeepEvent[]>
  /** Calls the listener when something may have been committed, by any process. @returns unsubscribes. */
  onChange(listener: () => void): () => void
  close(): Promise<void>
}

/** Opens the watch; close it before the database. */
export async function createWatch(database: Database, options: WatchOptions): Promise<Watch> {
  const listeners = new Set<() => void>()
  const ring = (): void => {
    for (const listener of listeners) listener()
  }
  const source: ChangeSource =
    database.kind === 'sqlite'
      ? pollSqlite(sqliteFileOf(options.url), ring)
      : await listenToPostgresql(options.url, { ring, reconnectMs: options.fallbackMs ?? 1_000 })
  const stopOwn = database.onCommit(() => {
    // First: what another process commits in between is told of by this ring.
    source.skip()
    ring()
  })
  const onChange = (listener: () => void): (() => void) => {
    listeners.add(listener)
    return () => void listeners.delete(listener)
  }
  return {
    onChange,
    since: (seq, signal) =>
      follow({ database, onChange, fallbackMs: options.fallbackMs ?? 1_000 }, seq, signal),
    async close() {
      stopOwn()
      listeners.clear()
      await source.close()
    },
  }
}

interface Followed {
  readonly database: Database
  readonly onChange: Watch['onChange']
  readonly fallbackMs: number
}

async function* follow(
  { database, onChange, fallbackMs }: Followed,
  seq: number,
  signal: AbortSignal,
): AsyncGenerator<readonly SkykeepEvent[]> {
  const bell = new Bell(signal, fallbackMs)
  const stop = onChange(() => bell.ring())
  try {
    // First by reading the log: an old cursor is refused even when nothing new comes.
    for (let after = seq, isFirst = true; !signal.aborted; isFirst = false) {
      // The bell is armed before the look, so that what is committed during it rings again.
      bell.arm()
      const isNews = isFirst || (await eventBounds(database)).lastSeq > after
      const events = isNews ? await listEvents(database, { afterSeq: after, limit: 500 }) : []
      const last = events.at(-1)
      if (last === undefined) await bell.wait()
      else {
        after = last.seq
        yield events
      }
    }
  } finally {
    stop()
  }
}
