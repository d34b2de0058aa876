import { isSkykeepError } from '@skykeep/core/errors'
import type { LogLinesView, LogLineView } from '@skykeep/core/log-views'
import { logLines } from '@skykeep/logs/log-lines'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { formatCursor, parseCursor } from './log-cursor.ts'
import { linesOf } from './read-lines.ts'
import { Mailbox } from './mailbox.ts'
import { replicaLogs, type ReplicaLog } from './replica-logs.ts'
import type { FollowLinesInput } from './schemas.ts'

const never = new AbortController().signal
const batchMax = 500

/**
 * What is in the logs of a service's replicas, merged as `readLines` does, then what comes, line by line as it comes. Replicas that are
 * named: ends when all of their logs have. None named: replicas that are started meanwhile join in, until the signal. Throws NOT_FOUND.
 */
export async function* followLines(
  context: ActionContext,
  input: FollowLinesInput,
  signal: AbortSignal = never,
): AsyncGenerator<LogLinesView> {
  authorize(context.actor, 'log:read')
  const { lastEventId, tailLines, ...rest } = input
  const found = await replicaLogs(context, input.service, input.replicaIds)
  const reached = new Map(parseCursor(lastEventId ?? ''))
  for (let isFirst = lastEventId === null || lastEventId === undefined; ; isFirst = false) {
    // Of a replica that came while the stream was lost every line counts.
    const from = isFirst ? { tailLines } : { cursor: formatCursor(reached) }
    const page = await linesOf(found, { ...rest, ...from, limitLines: batchMax })
    for (const [replicaId, offset] of parseCursor(page.cursor)) reached.set(replicaId, offset)
    if (page.lines.length > 0 || page.untimed.length > 0) yield { ...page, cursor: formatCursor(reached) }
    if (page.lines.length === 0 || signal.aborted) break
  }
  const live = new LiveLines(context, signal)
  for (const log of found) live.add(log, reached.get(log.replicaId) ?? 0)
  if (input.replicaIds === undefined) live.join(input.service)
  for await (const lines of live.mailbox.batches(batchMax)) {
    for (const { replicaId, nextOffset } of lines) reached.set(replicaId, nextOffset)
    yield { lines, cursor: formatCursor(reached), hasMore: false, untimed: [] }
  }
}

/** The logs that are followed at once. */
class LiveLines {
  readonly mailbox: Mailbox<LogLineView>
  readonly #context: ActionContext
  readonly #signal: AbortSignal
  readonly #known = new Set<number>()

  constructor(context: ActionContext, signal: AbortSignal) {
    this.#context = context
    this.#signal = signal
    this.mailbox = new Mailbox(signal)
  }

  add(log: ReplicaLog, offset: number): void {
    if (this.#known.has(log.replicaId)) return
    this.#known.add(log.replicaId)
    this.mailbox.from(this.#follow(log, offset))
  }

  /** Adds the replicas that come, as long as the service is there. */
  join(service: string): void {
    this.mailbox.during(this.#newcomers(service))
  }

  async #newcomers(service: string): Promise<void> {
    for await (const message of this.#context.events.subscribe(null, this.#signal)) {
      // The first message is empty: from there on no event is missed.
      const isOurs =
        message.type === 'relist' ||
        message.events.length === 0 ||
        message.events.some(({ serviceName }) => serviceName === service)
      if (!isOurs) continue
      try {
        for (const log of await replicaLogs(this.#context, service, undefined)) this.add(log, 0)
      } catch (error) {
        if (isSkykeepError(error, 'NOT_FOUND')) return
        throw error
      }
    }
  }

  async *#follow({ replicaId, log }: ReplicaLog, offset: number): AsyncGenerator<LogLineView> {
    const chunks = log.follow({ offset, signal: this.#signal })
    for await (const { text, nextOffset } of logLines(chunks, offset))
      yield { replicaId, text, atMs: this.#context.clock.now(), nextOffset }
  }
}
