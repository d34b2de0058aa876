import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { openPlainFile, type Segment } from './segments.ts'

/** Somewhen within the second that begins at `atMs` the log had reached that offset. */
export interface LogTime {
  /** Whole seconds, as milliseconds since the epoch, by the clock of the node. */
  readonly atMs: number
  readonly offset: number
}

/** When a log's output came, oldest first, as the log pump of node-runtime notes it: to the second while there is output. */
export type LogTimes = readonly LogTime[]

/** Name of the file beside the segments. */
export const timesFile = 'times'

const bytesMax = 1024 * 1024
const secondMs = 1000

/** Reads the times of a log's folder; null when it has none, as logs of an older program. Lines of another form are left out. */
export async function readLogTimes(folder: string): Promise<LogTimes | null> {
  const file = await openPlainFile(join(folder, timesFile))
  if (file === null) return null
  try {
    const buffer = Buffer.alloc(bytesMax)
    const { bytesRead } = await file.read(buffer, 0, bytesMax, 0)
    const times = parseTimes(buffer.toString('latin1', 0, bytesRead))
    return times.length === 0 ? null : times
  } finally {
    await file.close()
  }
}

/** When the last byte of a segment was written; null when it was dropped meanwhile. */
export async function lastWrite(segment: Segment): Promise<LogTime | null> {
  const found = await stat(segment.path).catch(() => null)
  if (found === null) return null
  return { atMs: Math.floor(found.mtimeMs / secondMs) * secondMs, offset: segment.offset + found.size }
}

function parseTimes(text: string): LogTimes {
  const times: LogTime[] = []
  for (const line of text.split('\n')) {
    const match = /^(\d{1,12}) (\d{1,15})$/.exec(line)
    if (match !== null) times.push({ atMs: Number(match[1]) * secondMs, offset: Number(match[2]) })
  }
  return times
}

/** An offset from which on everything after `sinceMs` is read, and as little as can be told of what came before. */
export function offsetSince(times: LogTimes, sinceMs: number): number {
  // The whole second has to be over: the line was written somewhen within it.
  const after = times.findIndex(({ atMs }) => atMs + secondMs > sinceMs)
  if (after === -1) return times.at(-1)?.offset ?? 0
  return times[after - 1]?.offset ?? 0
}

/** An offset before which everything until `untilMs` stands; Infinity when the log had not grown beyond it by then. */
export function offsetUntil(times: LogTimes, untilMs: number): number {
  return times.find(({ atMs }) => atMs >= untilMs)?.offset ?? Number.POSITIVE_INFINITY
}

/**
 * When what ends at `offset` had come at the latest, and when it most likely came: as if the log had grown evenly between two notes. Null
 * for what came after the last note.
 */
export function timeOf(
  times: LogTimes,
  offset: number,
): { readonly atMs: number | null; readonly likelyMs: number | null } {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((times[middle]?.offset ?? 0) >= offset) high = middle
    else low = middle + 1
  }
  const after = times[low]
  if (after === undefined) return { atMs: null, likelyMs: null }
  const before = times[low - 1] ?? after
  const grown = after.offset - before.offset
  const part = grown > 0 ? (offset - before.offset) / grown : 1
  return { atMs: after.atMs, likelyMs: before.atMs + part * (after.atMs - before.atMs) }
}
