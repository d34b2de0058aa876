import type { LogChunk } from './log-source.ts'

export interface LogLine {
  /** Without its end of line; broken UTF-8 shows as U+FFFD. */
  readonly text: string
  /** Global offset after the line: where to go on reading. */
  readonly nextOffset: number
}

const newline = 0x0a
/** A longer line is cut here, so that a log without line ends needs no memory without end. */
const lineLimitBytes = 64 * 1024

/** Cuts chunks into lines. A last line without an end comes when the chunks end. Bytes that a cap dropped are told as a line. */
export async function* logLines(chunks: AsyncIterable<LogChunk>, from = 0): AsyncIterable<LogLine> {
  let rest = Buffer.alloc(0)
  let expected = from
  for await (const chunk of chunks) {
    if (chunk.offset > expected) {
      yield {
        text: `[skykeep] ${chunk.offset - expected} bytes of older log were dropped`,
        nextOffset: chunk.offset,
      }
      rest = Buffer.alloc(0)
    }
    rest = Buffer.concat([rest, chunk.bytes])
    expected = chunk.nextOffset
    for (;;) {
      const at = rest.indexOf(newline)
      const isLong = at === -1 ? rest.length > lineLimitBytes : at > lineLimitBytes
      if (at === -1 && !isLong) break
      const length = isLong ? lineLimitBytes : at
      const taken = isLong ? length : length + 1
      const text = rest.toString('utf8', 0, length).replace(/\r$/, '')
      rest = rest.subarray(taken)
      yield { text, nextOffset: expected - rest.length }
    }
  }
  if (rest.length > 0) yield { text: rest.toString('utf8'), nextOffset: expected }
}

/** Puts a prefix before each line, as `(name, pid=4711) text`: which of several sources it is from. */
export async function* prefixedLines(lines: AsyncIterable<LogLine>, prefix: string): AsyncIterable<LogLine> {
  for await (const line of lines) yield { ...line, text: `${prefix}${line.text}` }
}
