import { connect, constants } from 'node:http2'
import { connect as connectTls } from 'node:tls'
import type { TLSSocket } from 'node:tls'
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2'
import { AnswerReader, answererOf } from './answer-reader.ts'
import type { Ask } from './asks.ts'
import type { Ending, Seen } from './attempts.ts'
import type { Connection } from './connection-of.ts'
import { connectionOf, noteConnection } from './connection-of.ts'
import { endsOfClient } from './descriptors.ts'
import { hungMs } from './patience.ts'

/** One connection that speaks HTTP/2, over TLS. */
export class Http2Client {
  private readonly port: number
  private readonly socket: TLSSocket
  private readonly session: ClientHttp2Session
  private epoch = ''
  private asked = 0
  private hasLeft = false
  private fault: NodeJS.ErrnoException | null = null

  constructor(port: number) {
    this.port = port
    this.socket = connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2'] })
    noteConnection(this.socket)
    // A session of Node's learns nothing of the end of a socket that still has something to send.
    this.socket.on('end', () => this.socket.destroy())
    this.session = connect(`https://127.0.0.1:${port}`, { createConnection: () => this.socket })
    this.session.on('error', (error) => (this.fault = error))
  }

  /** Takes no more requests. */
  get isGone(): boolean {
    const { closed, destroyed } = this.session
    return closed || destroyed
  }

  /** Resolves when the gateway has ended it. */
  untilGone(): Promise<void> {
    return new Promise((resolve) => {
      if (this.session.destroyed) resolve()
      else this.session.once('close', resolve)
    })
  }

  /** Ends it after its requests, or with them. */
  end(isAtOnce: boolean): void {
    if (isAtOnce) this.session.destroy()
    else this.session.close()
  }

  /** Breaks it off with all that it asked. */
  leave(): void {
    this.hasLeft = true
    this.session.destroy()
  }

  /** Asks for a WebSocket (RFC 8441), once the gateway has said that it takes such requests. */
  async askForTunnel(path: string): Promise<ClientHttp2Stream> {
    if (this.session.remoteSettings.enableConnectProtocol !== true)
      await new Promise((resolve) => this.session.once('remoteSettings', resolve))
    return this.session.request(
      {
        ':method': 'CONNECT',
        ':protocol': 'websocket',
        ':scheme': 'https',
        ':authority': 'soak',
        ':path': path,
        'sec-websocket-version': '13',
      },
      { endStream: false },
    )
  }

  /** Why it broke, for people. */
  get faultText(): string {
    return codeOf(this.fault)
  }

  /** Null: it came to none. */
  get connection(): Connection | null {
    return connectionOf(this.socket)
  }

  /**
   * What it means that nothing came for so long. Node's client (24.21) does not hear of a reset that a write of its own meets first, gateway or not: then
   * no process has an end of the connection any more. Where one has, it is to be explained; so it says what each side knows.
   */
  endingAfterSilence(): Ending {
    const { session, socket, connection } = this
    const ends = connection === null ? [] : endsOfClient(connection.localPort, this.port)
    if (connection !== null && ends.length === 0)
      return { how: 'broken', code: 'a reset that Node.js did not see' }
    const known = {
      isSessionClosed: session.closed,
      isSessionDestroyed: session.destroyed,
      isSocketDestroyed: socket.destroyed,
      bytesToWrite: socket.writableLength,
      ends,
    }
    return { how: 'hung', what: JSON.stringify(known) }
  }

  /** Sends one request and reads its answer; resolves whatever comes of it. */
  ask(ask: Ask, way: { readonly leaveAfterMs: number; readonly signal: AbortSignal }): Promise<Seen> {
    const isReused = this.asked > 0
    this.asked += 1
    return new Promise((resolve) => {
      let replica = ''
      let firstByteAtMs: number | null = null
      const timers: NodeJS.Timeout[] = []
      let stream: ClientHttp2Stream | null = null
      let reader: AnswerReader | null = null
      const leave = (): void => {
        end({ how: 'left' })
        stream?.close(constants.NGHTTP2_CANCEL)
      }
      const end = (seen: Ending): void => {
        const ending: Ending = this.hasLeft ? { how: 'left' } : seen
        for (const timer of timers) clearTimeout(timer)
        way.signal.removeEventListener('abort', leave)
        resolve({ ending, connection: this.connection, epoch: this.epoch, replica, firstByteAtMs, isReused })
      }
      timers.push(
        setTimeout(() => {
          end(this.endingAfterSilence())
          // It would hear as little of the next request.
          this.session.close()
          stream?.close(constants.NGHTTP2_CANCEL)
        }, hungMs),
      )
      if (way.leaveAfterMs < Infinity) timers.push(setTimeout(leave, way.leaveAfterMs))
      way.signal.addEventListener('abort', leave)
      try {
        stream = this.session.request(
          { ':method': ask.method, ':path': ask.path + ask.query },
          { endStream: ask.body.length === 0 },
        )
      } catch (error) {
        end({ how: 'broken', code: codeOf(error) })
        return
      }
      stream.on('response', (fields) => {
        firstByteAtMs = performance.now()
        const said = answererOf(fields)
        replica = said.replica
        if (said.epoch !== '') this.epoch = said.epoch
        const reading = new AnswerReader(ask, Number(fields[':status']), fields)
        reader = reading
        // Not before: bytes that came together with the head are told before it.
        stream?.on('data', (piece: Buffer) => reading.take(piece))
      })
      stream.on('error', (error) => end({ how: 'broken', code: codeOf(this.fault ?? error) }))
      stream.on('close', () => {
        const hasEnded = stream?.rstCode === constants.NGHTTP2_NO_ERROR
        const ending = hasEnded ? (reader?.ending() ?? null) : null
        // Node says of a stream that went with its connection that it ended.
        const isCut = ending?.how === 'wrong' && this.session.destroyed
        end(ending === null || isCut ? { how: 'broken', code: codeOf(this.fault) } : ending)
      })
      for (const piece of ask.body) stream.write(piece)
      if (ask.body.length > 0) stream.end()
    })
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'reset without a word'
  const code: unknown = Reflect.get(error, 'code')
  return `${typeof code === 'string' ? code : ''} (${error.message})`
}
