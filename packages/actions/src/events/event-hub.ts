import { setTimeout as pause } from 'node:timers/promises'
import type { SkykeepEvent } from '@skykeep/core/events'
import { isSkykeepError } from '@skykeep/core/errors'
import type { WatchMessage } from '@skykeep/core/views'
import { eventBounds, listEvents } from '@skykeep/db/events'
import type { Database } from '@skykeep/db/handles'
import type { Watch } from '@skykeep/db/watch'
import { Bell } from '@skykeep/db/bell'

const recentMax = 2_000
const batchMax = 500
/** Pause after a failed read of the database, milliseconds. */
const retryMs = 1_000

/**
 * The live stream of a process: however many subscribe, the log is followed once. Subscribers that are behind catch up by reading the log;
 * those below what retention kept are told to list again. A database that fails is tried again: no stream ends for it.
 */
export class EventHub {
  readonly #db: Database
  readonly #watch: Watch
  readonly #bells = new Set<Bell>()
  /** The latest events without a gap, ending at `#head`. */
  #recent: readonly SkykeepEvent[] = []
  #head: number | null = null
  #following: AbortController | null = null

  constructor(db: Database, watch: Watch) {
    this.#db = db
    this.#watch = watch
  }

  /**
   * Everything after `seq` (null: from now on), in order, nothing left out and nothing twice, until the signal. The first message is at
   * once and may be empty: it says where the stream begins.
   */
  async *subscribe(seq: number | null, signal: AbortSignal): AsyncGenerator<WatchMessage> {
    const bell = new Bell(signal)
    this.#bells.add(bell)
    this.#follow()
    try {
      const { lastSeq } = await this.#patiently(() => eventBounds(this.#db), signal)
      let cursor = seq ?? lastSeq
      if (cursor > lastSeq) {
        // A number that was never given: the cursor is of another database, such as the one before a restore.
        cursor = lastSeq
        yield { type: 'relist', reason: 'EVENTS_LOST', seq: cursor }
      } else yield { type: 'events', events: [], seq: cursor }
      while (!signal.aborted) {
        bell.arm()
        const message = await this.#patiently(() => this.#after(cursor), signal)
        if (message === null) await bell.wait()
        else {
          cursor = message.seq
          yield message
        }
      }
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      this.#bells.delete(bell)
      if (this.#bells.size === 0) this.#rest()
    }
  }

  /** Calls the listener when something may have been committed, by any process. @returns unsubscribes. */
  onChange(listener: () => void): () => void {
    return this.#watch.onChange(listener)
  }

  async #after(cursor: number): Promise<WatchMessage | null> {
    if (this.#head === null || cursor >= this.#head) return null
    const first = this.#recent[0]?.seq
    try {
      const events =
        first !== undefined && first <= cursor + 1
          ? this.#recent.slice(cursor + 1 - first, cursor + 1 - first + batchMax)
          : await listEvents(this.#db, { afterSeq: cursor, limit: batchMax })
      const last = events.at(-1)
      return last === undefined ? null : { type: 'events', events, seq: last.seq }
    } catch (error) {
      if (!isSkykeepError(error, 'CURSOR_TOO_OLD')) throw error
      return { type: 'relist', reason: 'EVENTS_LOST', seq: (await eventBounds(this.#db)).lastSeq }
    }
  }

  async #patiently<T>(read: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (;;) {
      try {
        return await read()
      } catch (error) {
        if (!isSkykeepError(error)) throw error
        await pause(retryMs, undefined, { signal })
      }
    }
  }

  #follow(): void {
    if (this.#following !== null) return
    const following = new AbortController()
    this.#following = following
    void this.#run(following.signal)
  }

  #rest(): void {
    this.#following?.abort()
    this.#following = null
    this.#head = null
    this.#recent = []
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const from = (await eventBounds(this.#db)).lastSeq
        if (signal.aborted) return
        this.#head = from
        this.#recent = []
        this.#ring()
        for await (const events of this.#watch.since(from, signal)) {
          if (signal.aborted) return
          this.#head = events.at(-1)?.seq ?? this.#head
          this.#recent = [...this.#recent, ...events].slice(-recentMax)
          this.#ring()
        }
      } catch {
        // Whatever failed shows where people ask; the stream goes on once the log can be read again.
        await pause(retryMs, undefined, { signal }).catch(() => undefined)
      }
    }
  }

  #ring(): void {
    for (const bell of this.#bells) bell.ring()
  }
}
