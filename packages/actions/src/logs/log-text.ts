import type { LogChunk as LogBytes } from '@skykeep/logs/log-source'
import type { LogChunk } from '@skykeep/core/views'

/**
 * The text of a piece of a log. A character that the piece cuts at its end is left for the next piece, and one that began before the piece
 * is passed over, so that pieces read one after another give the text as a whole. Bytes that are no UTF-8 become U+FFFD.
 */
export function toLogChunk(piece: LogBytes): LogChunk {
  const { bytes } = piece
  const start = piece.offset === 0 ? 0 : leadingContinuations(bytes)
  const end = piece.isEnded ? bytes.byteLength : Math.max(start, bytes.byteLength - cutCharacterBytes(bytes))
  return {
    text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(start, end)),
    offset: piece.offset + start,
    nextOffset: piece.nextOffset - (bytes.byteLength - end),
    isEnded: piece.isEnded,
  }
}

/** Makes text of pieces that follow one another: what one piece cuts is put before the next. */
export class LogText {
  #carried = new Uint8Array()

  /** The text so far; null while it is less than a character. */
  next(piece: LogBytes): LogChunk | null {
    const bytes = Buffer.concat([this.#carried, piece.bytes])
    const offset = piece.offset - this.#carried.byteLength
    const chunk = toLogChunk({ ...piece, bytes, offset })
    this.#carried = new Uint8Array(bytes.subarray(bytes.byteLength - (piece.nextOffset - chunk.nextOffset)))
    return chunk.text === '' && !chunk.isEnded ? null : chunk
  }
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80
}

function leadingContinuations(bytes: Uint8Array): number {
  let count = 0
  while (count < 3 && count < bytes.byteLength && isContinuation(bytes[count])) count += 1
  return count
}

/** Bytes at the end that begin a character without finishing it: 0 to 3. */
function cutCharacterBytes(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.byteLength); back += 1) {
    const byte = bytes[bytes.byteLength - back] ?? 0
    if (isContinuation(byte)) continue
    const length = byte >= 0xf0 && byte < 0xf8 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
    return length > back && byte < 0xf8 ? back : 0
  }
  return 0
}
