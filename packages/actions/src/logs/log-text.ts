import type { LogChunk as LogBytes } from '@skykeep/logs/log-source'
import type { LogChunk } from '@skykeep/core/views'

/**
 * The text of a piece of a log. A character that the piece cuts at its end is left for the next piece, and one that began before the piece
 * is passed over, so that pieces read one after another give the text as a whole. Bytes that are no UTF-8 become U+FFFD.
 */
export function toLogChunk(piece: LogBytes): LogChunk {
  const { bytes } = piece
  const start = piece.offset === 0 ? 0 : leadingContinuations(bytes)
  const cut = piece.isEnded ? 0 : cutCharacterBytes(bytes)
  const end = bytes.byteLength - cut > start ? bytes.byteLength - cut : bytes.byteLength
  return {
    text: new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(start, end)),
    offset: piece.offset + start,
    nextOffset: piece.nextOffset - (bytes.byteLength - end),
    isEnded: piece.isEnded,
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
