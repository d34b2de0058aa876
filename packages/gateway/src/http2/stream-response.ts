import { constants } from 'node:http2'
import type { ServerHttp2Stream } from 'node:http2'
import { findHeadEndInText } from '../held-bytes.ts'
import { ResponseRelay } from '../response-relay.ts'
import type { HeadPlace } from '../response-head.ts'
import type { RelayOutput, RelayOwner } from '../response-relay.ts'
import { responseFieldsOf } from './response-fields.ts'
import { responseTrailersOf } from './trailers.ts'
import { openedFieldsOf } from './web-socket.ts'

/** One response on its way from HTTP/1.1, as the gateway writes it, to the stream that asked. */
export class StreamResponse implements RelayOwner, RelayOutput {
  readonly method: string
  readonly isUpgrade: boolean
  readonly isKeepAlive = false
  readonly isRequestDone = true
  readonly clientMinor = 2
  readonly answererField = ''
  private readonly stream: ServerHttp2Stream
  private readonly relay: ResponseRelay
  private isHeadSent = false
  private isWhole = false
  private trailers: readonly string[] = []
  /** The stream ends only once it was told which trailers there are. */
  private awaitsTrailers = false
  private isRestUnwanted = false
  private readonly webSocketKey: string
  private readonly hasBody: boolean
  private isTunnel = false
  /** What still comes of the response goes nowhere. */
  private isRefused = false

  /** @param request by its method the end of the response is known, by its key a WebSocket is. */
  constructor(
    stream: ServerHttp2Stream,
    request: { readonly method: string; readonly webSocketKey: string; readonly hasBody: boolean },
  ) {
    this.stream = stream
    this.method = request.method
    this.webSocketKey = request.webSocketKey
    this.hasBody = request.hasBody
    this.isUpgrade = request.webSocketKey !== ''
    this.relay = new ResponseRelay(this, this)
    stream.on('wantTrailers', () => this.sendTrailers())
  }

  /** Takes bytes of the response. False: the client is slow, wait until the stream drains. */
  take(bytes: Buffer): boolean {
    return this.relay.take(bytes, bytes.length)
  }

  /** There are no more bytes: ends the stream, a WebSocket too (RFC 8441 §5), or breaks it off where the response is not whole. */
  end(): void {
    if (this.relay.endsWithConnection) this.relay.complete()
    if (this.isTunnel) this.stream.end()
    else if (!this.isWhole) this.breakOff()
  }

  writeText(text: string): boolean {
    if (this.isHeadSent) return this.write(Buffer.from(text, 'latin1'))
    const end = findHeadEndInText(text, 0)
    this.sendHead(text.slice(0, end))
    return end === text.length || this.write(Buffer.from(text.slice(end), 'latin1'))
  }

  writeHead(text: string, body: Buffer, from: number, to: number): boolean {
    this.sendHead(text)
    return this.writeBytes(body, from, to)
  }

  writePlaced(bytes: Buffer, { from, cutFrom, cutTo }: HeadPlace, to: number): boolean {
    return this.writeText(bytes.toString('latin1', from, cutFrom) + bytes.toString('latin1', cutTo, to))
  }

  writeBytes(body: Buffer, from: number, to: number): boolean {
    return this.write(Buffer.from(body.subarray(from, to)))
  }

  private write(bytes: Buffer): boolean {
    return this.stream.destroyed || this.isRefused || this.stream.write(bytes)
  }

  private sendHead(text: string): void {
    if (this.stream.destroyed || this.stream.headersSent) return
    const fields = responseFieldsOf(text)
    const sent = this.isUpgrade ? openedFieldsOf(fields, this.webSocketKey) : fields
    if (sent === null) return this.refuse()
    const { status, raw, isChunked } = sent
    if (status < 200) return this.stream.additionalHeaders(informational(status, raw))
    this.isHeadSent = true
    this.awaitsTrailers = isChunked && this.method !== 'HEAD' && status !== 304
    this.stream.respond(raw, { waitForTrailers: this.awaitsTrailers })
  }

  /** The replica did not open the WebSocket: in HTTP/2 its answer would look as if it had. */
  private refuse(): void {
    this.isRefused = true
    this.stream.respond([
      ':status',
      '502',
      'content-type',
      'text/plain; charset=utf-8',
      'cache-control',
      'no-store',
    ])
    this.stream.end('502 Bad Gateway: the replica did not open a WebSocket\n')
    this.stream.close(constants.NGHTTP2_NO_ERROR)
  }

  private sendTrailers(): void {
    this.awaitsTrailers = false
    if (this.stream.destroyed || this.stream.closed) return
    // Without any it ends the stream all the same.
    this.stream.sendTrailers(responseTrailersOf(this.trailers))
    // In this turn the reset would go out first.
    if (this.isRestUnwanted) setImmediate(() => this.stream.close(constants.NGHTTP2_NO_ERROR))
  }

  /**
   * The connection is over. A response that is not whole, or that the client does not take, is broken off; behind one that is, the client is
   * told that the rest of its request, if there is one, is not wanted (RFC 9113 §8.1).
   */
  close(): void {
    if (!this.stream.writableFinished) this.breakOff()
    else if (!this.hasBody || this.stream.readableEnded) return
    else if (this.awaitsTrailers) this.isRestUnwanted = true
    else if (!this.stream.closed) this.stream.close(constants.NGHTTP2_NO_ERROR)
  }

  /**
   * Resets the stream, so that its client sees that the response is not whole. Node's `close(code)` would end it first, like one that is:
   * only an error is a reset and nothing else.
   */
  breakOff(): void {
    this.stream.destroy(new Error('the response broke off'))
  }

  /** The head follows, with the first bytes of the body. */
  onResponseStart(_status: number, isTunnel: boolean): void {
    this.isTunnel = isTunnel
  }

  onTrailers(fields: readonly string[]): void {
    this.trailers = fields
  }

  onResponseComplete(): void {
    this.isWhole = true
    if (!this.isRefused) this.stream.end()
  }

  onBadResponse(): void {
    this.breakOff()
  }
}

function informational(status: number, raw: readonly string[]): Record<string, string | number> {
  const fields: Record<string, string | number> = { ':status': status }
  for (let at = 2; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? ''
    const before = fields[name]
    fields[name] = before === undefined ? (raw[at + 1] ?? '') : `${before}, ${raw[at + 1] ?? ''}`
  }
  return fields
}
