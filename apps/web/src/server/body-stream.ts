import { Readable } from 'node:stream'
import type { ReadableStream as NodeStream } from 'node:stream/web'

/** The body of a request as it comes; null without one. */
export function bodyStream({ body }: Request): AsyncIterable<Uint8Array> | null {
  // The same class under both names: Node's fetch types and the browser's differ only in what they declare.
  return body === null ? null : Readable.fromWeb(body as NodeStream<Uint8Array>)
}
