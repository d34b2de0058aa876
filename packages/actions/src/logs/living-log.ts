import { isSkykeepError } from '@skykeep/core/errors'
import type { Replica } from '@skykeep/core/nouns'
import { Bell } from '@skykeep/db/bell'
import { getReplica } from '@skykeep/db/replicas'
import type { FollowRequest, LogChunk, LogRange, LogSource } from '@skykeep/logs/log-source'
import type { LogTimes } from '@skykeep/logs/log-times'
import type { ActionContext } from '../context.ts'

/** A row is looked at again at most this often, however much is committed. */
const restMs = 200
/** And at least this often, should no change be told of. */
const longestMs = 1_000
const drainBytes = 256 * 1024

/**
 * The log of a replica whose row was read a while ago. Where it is written is known only once the replica has a node and a job: as long as
 * nothing came, its row is looked at again with every change.
 */
export class LivingLog implements LogSource {
  readonly #context: Pick<ActionContext, 'db' | 'events' | 'replicaLog'>
  readonly #replica: Replica

  constructor(context: Pick<ActionContext, 'db' | 'events' | 'replicaLog'>, replica: Replica) {
    this.#context = context
    this.#replica = replica
  }

  async read(range: LogRange): Promise<LogChunk> {
    return await this.#context.replicaLog(this.#replica).read(range)
  }

  async times(): Promise<LogTimes | null> {
    return await this.#context.replicaLog(this.#replica).times()
  }

  /** Also ends for a replica that is gone and never had a log. */
  async *follow({ offset, signal }: FollowRequest): AsyncIterable<LogChunk> {
    let replica = this.#replica
    let next = offset
    while (!signal.aborted && replica.status !== 'TERMINATED') {
      const seen = new AbortController()
      const moved = new AbortController()
      const later = this.#changed(replica, AbortSignal.any([signal, seen.signal])).then((changed) => {
        if (changed !== null) moved.abort()
        return changed
      })
      const until = AbortSignal.any([signal, moved.signal])
      try {
        for await (const chunk of this.#context.replicaLog(replica).follow({ offset: next, signal: until })) {
          // What writes stands where its row says: no need to look any more.
          seen.abort()
          next = chunk.nextOffset
          yield chunk
          if (chunk.isEnded) return
        }
      } finally {
        seen.abort()
      }
      const changed = await later
      if (changed === null) return
      replica = changed
    }
    if (!signal.aborted) yield* this.#rest(replica, next)
  }

  /** What is there of a log that grows no more. */
  async *#rest(replica: Replica, offset: number): AsyncIterable<LogChunk> {
    const log = this.#context.replicaLog(replica)
    for (let next = offset; ;) {
      const chunk = await log.read({ offset: next, limitBytes: drainBytes })
      if (chunk.bytes.length === 0) return
      next = chunk.nextOffset
      yield chunk
    }
  }

  /** The row once it names another place, or has ended without any; null when the signal came first. */
  async #changed(before: Replica, signal: AbortSignal): Promise<Replica | null> {
    const bell = new Bell(signal, longestMs)
    const stop = this.#context.events.onChange(() => bell.ring())
    try {
      while (!signal.aborted) {
        bell.arm()
        const replica = await this.#latest(before)
        if (signal.aborted) return null
        if (replica.nodeId !== before.nodeId || replica.jobId !== before.jobId) return replica
        if (replica.status === 'TERMINATED' && before.status !== 'TERMINATED') return replica
        await bell.wait()
        await new Bell(signal, restMs).wait()
      }
      return null
    } finally {
      stop()
    }
  }

  /** A row that retention took has ended; a database that does not answer changes nothing. */
  async #latest(before: Replica): Promise<Replica> {
    try {
      return await getReplica(this.#context.db, before.uid)
    } catch (error) {
      if (!isSkykeepError(error)) throw error
      return isSkykeepError(error, 'NOT_FOUND') ? { ...before, status: 'TERMINATED' } : before
    }
  }
}
