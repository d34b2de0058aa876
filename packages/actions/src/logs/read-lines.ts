import type { LogLinesView, LogLineView } from '@skykeep/core/log-views'
import { withoutTerminalCodes } from '@skykeep/core/terminal-text'
import { offsetSince, offsetUntil, type LogTimes } from '@skykeep/logs/log-times'
import { mergedLines, tailOffset, timedLines, type TimedLine } from '@skykeep/logs/timed-lines'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { formatCursor, parseCursor, type LogCursor } from './log-cursor.ts'
import { replicaLogs, type ReplicaLog } from './replica-logs.ts'
import type { ReadLinesInput } from './schemas.ts'

/** What one answer carries at most. */
const textBytesMax = 512 * 1024
/** What one answer looks at: a search for what is not there ends, and goes on with the cursor. */
const searchedBytesMax = 16 * 1024 * 1024

/**
 * Lines of several replicas' logs in the order of their times, also of replicas that are gone; read on with the cursor until there are no
 * more (a search may give a page without any). A replica whose log tells no times is left out where a time is asked for, and named. Throws NOT_FOUND.
 */
export async function readLines(context: ActionContext, input: ReadLinesInput): Promise<LogLinesView> {
  authorize(context.actor, 'log:read')
  const logs = await replicaLogs(context, input.service, input.replicaIds)
  return await linesOf(logs, input)
}

/** The same of logs that were found already. */
export async function linesOf(logs: readonly ReplicaLog[], input: ReadLinesInput): Promise<LogLinesView> {
  const cursor = parseCursor(input.cursor ?? '')
  const sources = await Promise.all(logs.map((log) => sourceOf(log, input, cursor)))
  const isTimeAsked = input.sinceMs !== undefined || input.untilMs !== undefined
  const [told, untold] = isTimeAsked
    ? [sources.filter(({ times }) => times !== null), sources.filter(({ times }) => times === null)]
    : [sources, []]
  const merged = mergedLines(
    told.map((source) => ({ key: source.replicaId, lines: timedLines(source.log, source) })),
  )
  const isTail = input.tailLines !== undefined && input.cursor === undefined
  const reached = new Map(told.map(({ replicaId, from }) => [replicaId, from]))
  const { lines, hasMore } = isTail
    ? { lines: await lastOf(merged, input.tailLines), hasMore: false }
    : await firstOf(merged, input, reached)
  if (isTail) for (const { replicaId, nextOffset } of lines) reached.set(replicaId, nextOffset)
  return {
    lines,
    cursor: formatCursor(reached),
    hasMore,
    untimed: untold.map(({ replicaId }) => replicaId),
  }
}

interface Source extends ReplicaLog {
  readonly from: number
  readonly until: number
  readonly times: LogTimes | null
}

async function sourceOf(
  { replicaId, log }: ReplicaLog,
  input: ReadLinesInput,
  cursor: LogCursor,
): Promise<Source> {
  const times = await log.times()
  const { sinceMs, untilMs, tailLines } = input
  const since = sinceMs === undefined || times === null ? 0 : offsetSince(times, sinceMs)
  const until =
    untilMs === undefined || times === null ? Number.POSITIVE_INFINITY : offsetUntil(times, untilMs)
  const tail =
    tailLines === undefined || until !== Number.POSITIVE_INFINITY ? 0 : await tailOffset(log, tailLines)
  return { replicaId, log, times, until, from: cursor.get(replicaId) ?? Math.max(since, tail) }
}

/** The first lines that are asked for; notes in `reached` how far each log was looked at. */
async function firstOf(
  merged: AsyncIterable<TimedLine & { readonly key: number }>,
  { limitLines, contains }: Pick<ReadLinesInput, 'limitLines' | 'contains'>,
  reached: Map<number, number>,
): Promise<{ readonly lines: readonly LogLineView[]; readonly hasMore: boolean }> {
  const lines: LogLineView[] = []
  const wanted = contains?.toLowerCase()
  let bytes = 0
  let searchedBytes = 0
  for await (const line of merged) {
    reached.set(line.key, line.nextOffset)
    searchedBytes += line.text.length
    if (wanted === undefined || withoutTerminalCodes(line.text).toLowerCase().includes(wanted)) {
      lines.push(viewOf(line))
      bytes += line.text.length
    }
    if (lines.length >= limitLines || bytes >= textBytesMax || searchedBytes >= searchedBytesMax)
      return { lines, hasMore: true }
  }
  return { lines, hasMore: false }
}

async function lastOf(
  merged: AsyncIterable<TimedLine & { readonly key: number }>,
  tailLines = 0,
): Promise<readonly LogLineView[]> {
  let lines: LogLineView[] = []
  for await (const line of merged) {
    lines.push(viewOf(line))
    if (lines.length >= 2 * tailLines + 1000) lines = lines.slice(-tailLines)
  }
  return lines.slice(-tailLines)
}

function viewOf({ key, text, atMs, nextOffset }: TimedLine & { readonly key: number }): LogLineView {
  return { replicaId: key, text, atMs, nextOffset }
}
