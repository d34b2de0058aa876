import { logLines } from './log-lines.ts'
import type { LogChunk, LogSource } from './log-source.ts'
import { timeOf, type LogTimes } from './log-times.ts'

export interface TimedLine {
  readonly text: string
  /** Global offset after the line. */
  readonly nextOffset: number
  /** When it had come at the latest, ms since the epoch; null where the log does not tell. */
  readonly atMs: number | null
  /** When it most likely came: between two notes the log is taken to have grown evenly. */
  readonly likelyMs: number | null
}

export interface LineRange {
  readonly from: number
  /** No line that begins there or later. */
  readonly until: number
  readonly times: LogTimes | null
}

const readBytes = 64 * 1024
const untimed = { atMs: null, likelyMs: null }

/** The lines that are in a log now, oldest first, with their times. */
export async function* timedLines(
  source: LogSource,
  { from, until, times }: LineRange,
): AsyncGenerator<TimedLine> {
  let begin = from
  for await (const { text, nextOffset } of logLines(chunksOf(source, from), from)) {
    if (begin >= until) return
    begin = nextOffset
    yield { text, nextOffset, ...(times === null ? untimed : timeOf(times, nextOffset)) }
  }
}

async function* chunksOf(source: LogSource, from: number): AsyncGenerator<LogChunk> {
  for (let offset = from; ;) {
    const chunk = await source.read({ offset, limitBytes: readBytes })
    if (chunk.bytes.length === 0) return
    offset = chunk.nextOffset
    yield chunk
  }
}

/** One source's next line, and the order that it has among the others. */
interface Head<K> {
  readonly key: K
  readonly lines: AsyncIterator<TimedLine>
  line: TimedLine
  order: number
}

/**
 * Lines of several logs in the order of their times, each log's own order kept. Logs that tell no times come first; what came after the last
 * note of one comes last.
 */
export async function* mergedLines<K>(
  sources: readonly { readonly key: K; readonly lines: AsyncIterable<TimedLine> }[],
): AsyncGenerator<TimedLine & { readonly key: K }> {
  const heads: Head<K>[] = []
  try {
    for (const { key, lines: iterable } of sources) {
      const lines = iterable[Symbol.asyncIterator]()
      const first = await lines.next()
      if (first.done === true) continue
      heads.push({ key, lines, line: first.value, order: first.value.likelyMs ?? 0 })
    }
    while (heads.length > 0) {
      const head = heads.reduce((least, other) => (other.order < least.order ? other : least))
      yield { ...head.line, key: head.key }
      const next = await head.lines.next()
      if (next.done === true) heads.splice(heads.indexOf(head), 1)
      else {
        head.line = next.value
        // What came after the last note of a log that has any is the newest that there is.
        const unnoted = head.order === 0 ? 0 : Number.POSITIVE_INFINITY
        head.order = next.value.likelyMs ?? unnoted
      }
    }
  } finally {
    for (const { lines } of heads) await lines.return?.()
  }
}

/** An offset from which on a log has so many lines, or all of it. Looks at most 16 MiB back. */
export async function tailOffset(source: LogSource, lines: number): Promise<number> {
  const { nextOffset: end } = await source.read({ offset: Number.MAX_SAFE_INTEGER, limitBytes: 1 })
  const least = Math.max(0, end - 16 * 1024 * 1024)
  let missing = lines
  for (let to = end; to > least;) {
    const from = Math.max(least, to - readBytes)
    const bytes = await bytesBetween(source, from, to)
    for (let at = bytes.length - 1; at >= 0; at -= 1) {
      const next = to - (bytes.length - at - 1)
      // The end of the last line ends no line before it.
      if (bytes[at] !== newline || next === end) continue
      missing -= 1
      if (missing === 0) return next
    }
    // Older bytes were dropped by a cap.
    if (bytes.length < to - from) return to - bytes.length
    to = from
  }
  return least
}

const newline = 0x0a

async function bytesBetween(source: LogSource, from: number, to: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for (let offset = from; offset < to;) {
    const chunk = await source.read({ offset, limitBytes: to - offset })
    if (chunk.bytes.length === 0) break
    parts.push(chunk.bytes.subarray(0, Math.max(0, to - chunk.offset)))
    offset = chunk.nextOffset
  }
  return Buffer.concat(parts)
}
