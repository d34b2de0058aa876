/** Bytes of a stream, taken in the amounts that are asked for. */
export class ByteSource {
  readonly #chunks: AsyncIterator<Buffer>
  #rest: Buffer = Buffer.alloc(0)

  constructor(stream: AsyncIterable<Buffer>) {
    this.#chunks = stream[Symbol.asyncIterator]()
  }

  /** Exactly so many bytes, in one piece. @throws Error when the stream ends before. */
  async take(bytes: number): Promise<Buffer> {
    const parts: Buffer[] = []
    for await (const part of this.parts(bytes)) parts.push(part)
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts)
  }

  /** Exactly so many bytes, as they come. @throws Error when the stream ends before. */
  async *parts(bytes: number): AsyncGenerator<Buffer> {
    for (let left = bytes; left > 0;) {
      if (this.#rest.length === 0) await this.#fill()
      const part = this.#rest.subarray(0, left)
      this.#rest = this.#rest.subarray(part.length)
      left -= part.length
      yield part
    }
  }

  async #fill(): Promise<void> {
    const next = await this.#chunks.next()
    if (next.done === true) throw new Error('it ends too early')
    this.#rest = next.value
  }
}
