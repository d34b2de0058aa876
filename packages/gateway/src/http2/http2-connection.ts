import { constants, performServerHandshake } from 'node:http2'
import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2'
import type { TLSSocket } from 'node:tls'
import { maxHeadBytes } from '../entrance.ts'
import { ownResponse } from '../own-response.ts'
import { requestTextOf } from './request-text.ts'
import type { RequestText } from './request-text.ts'
import { StreamResponse } from './stream-response.ts'
import { StreamSocket } from './stream-socket.ts'

/** Requests of one connection at once, as nginx and Envoy's edge guide have it. */
const maxConcurrentStreams = 128
/** What one request may send ahead of its replica, bytes. */
const streamWindow = 256 * 1024
/** How long a connection without requests may take to end. */
const endingMs = 2000
/** What all requests of a connection may send ahead, bytes. */
const connectionWindow = 1024 * 1024

/** A client's connection that speaks HTTP/2: each of its streams becomes a connection of its own with one request. */
export class Http2Connection {
  private readonly session: ServerHttp2Session
  private readonly secure: TLSSocket
  private readonly onStream: (socket: StreamSocket) => void
  private readonly onMalformed: () => void
  private readonly remoteAddress: string | undefined
  private open = 0
  private hasAsked = false

  constructor(
    secure: TLSSocket,
    at: {
      /** How long it is kept without a request. */
      readonly idleMs: number
      readonly onStream: (socket: StreamSocket) => void
      /** A request was answered with 400 or 501: it cannot be one of HTTP/1.1. */
      readonly onMalformed: () => void
      readonly onClosed: (connection: Http2Connection) => void
    },
  ) {
    this.secure = secure
    this.onStream = at.onStream
    this.onMalformed = at.onMalformed
    this.remoteAddress = secure.remoteAddress
    const settings = {
      maxConcurrentStreams,
      initialWindowSize: streamWindow,
      maxHeaderListSize: maxHeadBytes,
      // WebSockets (RFC 8441 §3).
      enableConnectProtocol: true,
    }
    const session = performServerHandshake(secure, { settings })
    this.session = session
    session.on('error', () => undefined)
    // The socket may stay half open (that is for tunnels): a session learns nothing of its end by itself, and may wait for what it writes.
    secure.on('end', () => secure.destroy())
    session.on('close', () => at.onClosed(this))
    session.on('stream', (stream, _headers, flags, rawHeaders) => this.serve(stream, flags, rawHeaders))
    session.setTimeout(at.idleMs, () => this.endIfIdle())
    session.setLocalWindowSize(connectionWindow)
  }

  private serve(stream: ServerHttp2Stream, flags: number, rawHeaders: readonly string[]): void {
    this.open += 1
    stream.on('close', () => (this.open -= 1))
    this.hasAsked = true
    const hasBody = (flags & constants.NGHTTP2_FLAG_END_STREAM) === 0
    const method = rawHeaders[rawHeaders.indexOf(':method') + 1] ?? ''
    const request = requestTextOf(rawHeaders, hasBody)
    if (request.fault !== '') {
      this.onMalformed()
      return refuse(stream, request)
    }
    this.onStream(new StreamSocket(stream, { ...request, method, hasBody }, this.remoteAddress))
  }

  /**
   * Ends a connection without requests; one with some ends after the last of them, and takes no more. One that has not asked yet is given
   * `idleMs` for its first requests: they may be on their way, and would be refused.
   */
  close(idleMs: number): void {
    if (this.hasAsked || idleMs === 0) return this.closeNow()
    // Those that come together with the first are read in the same turn.
    this.session.once('stream', () => setImmediate(() => this.closeNow()))
    setTimeout(() => this.closeNow(), idleMs).unref()
  }

  private closeNow(): void {
    this.session.close()
    if (this.open > 0) return
    // A reset during the first bytes is lost in Node (24.21): such a session would wait for ever for these to be written.
    setTimeout(() => this.secure.destroy(), endingMs).unref()
  }

  private endIfIdle(): void {
    if (this.open === 0) this.closeNow()
  }

  /** Ends the connection whatever is in flight. */
  destroy(): void {
    this.session.destroy()
  }
}

/** What HTTP/1.1 answers to a head that cannot be read. */
function refuse(stream: ServerHttp2Stream, { status, fault }: RequestText): void {
  stream.on('error', () => undefined)
  const answer = ownResponse({ status, text: fault, isClosing: true, isHead: false })
  new StreamResponse(stream, { method: 'GET', webSocketKey: '', hasBody: false }).take(
    Buffer.from(answer, 'latin1'),
  )
}
