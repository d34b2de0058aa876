import type { ServerHttp2Stream } from 'node:http2'
import { Duplex } from 'node:stream'
import { StreamResponse } from './stream-response.ts'
import type { RequestText } from './request-text.ts'
import { requestTrailersOf } from './trailers.ts'

const lineEnd = Buffer.from('\r\n')

/**
 * One HTTP/2 stream as a connection that carries one HTTP/1.1 request and its response: so each rule, count and time-out of the gateway
 * holds for it without a second copy. Back-pressure passes in both directions; the end of the stream is the end of the connection. Each side
 * of a WebSocket ends by itself.
 */
export class StreamSocket extends Duplex {
  readonly remoteAddress: string | undefined
  private readonly stream: ServerHttp2Stream
  private readonly response: StreamResponse
  private onTaken: (() => void) | null = null

  constructor(
    stream: ServerHttp2Stream,
    request: RequestText & { readonly method: string; readonly hasBody: boolean },
    remoteAddress: string | undefined,
  ) {
    super({ allowHalfOpen: true })
    this.remoteAddress = remoteAddress
    this.stream = stream
    this.response = new StreamResponse(stream, request)
    stream.on('error', () => undefined)
    stream.on('close', () => this.destroy())
    stream.on('drain', () => this.taken())
    // Once a stream was ended it says no more that it drained.
    stream.on('finish', () => this.taken())
    this.push(Buffer.from(request.text, 'latin1'))
    if (request.webSocketKey !== '') stream.on('end', () => void this.push(null))
    else if (!request.hasBody) return
    stream.on('data', (bytes: Buffer) => this.takeBody(bytes, request.isChunked))
    if (request.isChunked) this.endWithLastChunk(stream)
    stream.pause()
  }

  /** Trailers go on only here: a body of a stated length has no place for them in HTTP/1.1 (RFC 9112 §7.1.2). */
  private endWithLastChunk(stream: ServerHttp2Stream): void {
    let trailers: string | null = ''
    stream.on('trailers', (_trailers, _flags, raw: readonly string[]) => (trailers = requestTrailersOf(raw)))
    stream.on('end', () => {
      if (trailers === null) this.destroy()
      else this.push(Buffer.from(`0\r\n${trailers}\r\n`, 'latin1'))
    })
  }

  private takeBody(bytes: Buffer, isChunked: boolean): void {
    if (bytes.length === 0) return
    const framed = isChunked
      ? Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, lineEnd])
      : bytes
    if (!this.push(framed)) this.stream.pause()
  }

  override _read(): void {
    this.stream.resume()
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (this.response.take(bytes)) done()
    else this.onTaken = done
  }

  private taken(): void {
    const { onTaken } = this
    this.onTaken = null
    onTaken?.()
  }

  /** Finished is what its client was sent: what waits in the stream is neither cut off by a close nor forgotten. */
  override _final(done: () => void): void {
    this.response.end()
    if (this.stream.writableFinished || this.stream.destroyed) done()
    else this.onTaken = done
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.taken()
    this.response.close()
    done(error)
  }

  /** Breaks the stream off in the middle of a response: its client sees that it is not whole. */
  resetAndDestroy(): this {
    this.response.breakOff()
    return this.destroy()
  }

  /** Only a tunnel asks for it: the connection beneath looks after itself, whatever it carries. */
  setKeepAlive(): this {
    return this
  }
}
