import type { LogChunk } from '@skykeep/core/views'

/** A window of a log in memory: its newest part, bounded. */
export interface LogBuffer {
  readonly text: string
  /** Global offset of the first byte of `text`. */
  readonly offset: number
  /** Where the next chunk begins. */
  readonly nextOffset: number | null
  readonly isEnded: boolean
}

export const emptyBuffer: LogBuffer = { text: '', offset: 0, nextOffset: null, isEnded: false }

/** Most characters that are kept on the page. */
export const keptCharacters = 1_000_000

const encoder = new TextEncoder()

/** The buffer with a chunk at its end; what was seen already is left out, what is too much goes from the front at a line's end. Pure. */
export function appended(buffer: LogBuffer, chunk: LogChunk): LogBuffer {
  if (buffer.nextOffset !== null && chunk.nextOffset <= buffer.nextOffset) {
    return { ...buffer, isEnded: buffer.isEnded || chunk.isEnded }
  }
  const isFirst = buffer.nextOffset === null
  const next = { nextOffset: chunk.nextOffset, isEnded: chunk.isEnded }
  const text = buffer.text + chunk.text
  const offset = isFirst ? chunk.offset : buffer.offset
  if (text.length <= keptCharacters) return { ...next, text, offset }
  const least = text.length - keptCharacters
  const lineEnd = text.indexOf('\n', least - 1)
  const cut = lineEnd === -1 ? least : lineEnd + 1
  return { ...next, text: text.slice(cut), offset: offset + encoder.encode(text.slice(0, cut)).byteLength }
}
