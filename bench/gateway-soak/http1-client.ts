import http from 'node:http'
import type { ClientRequest, IncomingMessage } from 'node:http'
import https from 'node:https'
import type { Duplex } from 'node:stream'
import { AnswerReader, answererOf } from './answer-reader.ts'
import type { Ask } from './asks.ts'
import type { Ending, Seen } from './attempts.ts'
import { connectionOf, noteConnection } from './connection-of.ts'
import { hungMs } from './patience.ts'

/** How a request is sent. */
export interface Way {
  readonly port: number
  readonly isTls: boolean
  /** False: a connection of its own. */
  readonly agent: http.Agent | false
  /** The client leaves after so long; Infinity: it stays to the end. */
  readonly leaveAfterMs: number
  /** Between two reads; 0: as fast as bytes come. */
  readonly readEveryMs: number
  /** Between two pieces of a chunked body. */
  readonly sendEveryMs: number
  /** Tells it to leave. */
  readonly signal: AbortSignal
}

/** Which gateway process has a connection. */
const epochs = new WeakMap<Duplex, string>()

/** Sends one request over HTTP/1.1 and reads its answer; resolves whatever comes of it. */
export function askOverHttp1(ask: Ask, way: Way): Promise<Seen> {
  return new Promise((resolve) => new Exchange(ask, way, resolve))
}

class Exchange {
  private readonly ask: Ask
  private readonly way: Way
  private readonly resolve: (seen: Seen) => void
  private readonly asked: ClientRequest
  private readonly timers: NodeJS.Timeout[] = []
  private readonly leave = (): void => this.end({ how: 'left' }, true)
  private socket: Duplex | null = null
  private epoch = ''
  private replica = ''
  private firstByteAtMs: number | null = null
  private hasEnded = false

  constructor(ask: Ask, way: Way, resolve: (seen: Seen) => void) {
    this.ask = ask
    this.way = way
    this.resolve = resolve
    const { port, agent } = way
    const { method, isChunked, expects, body } = ask
    const length = body.reduce((sum, { length: bytes }) => sum + bytes, 0)
    this.asked = (way.isTls ? https : http).request({
      host: '127.0.0.1',
      port,
      method,
      agent,
      path: ask.path + ask.query,
      headers: {
        ...(body.length > 0 && !isChunked ? { 'Content-Length': length } : {}),
        ...(expects ? { Expect: '100-continue' } : {}),
      },
      ...(way.isTls ? { rejectUnauthorized: false } : {}),
    })
    this.asked.on('socket', (socket) => {
      this.socket = socket
      noteConnection(socket)
      this.epoch = epochs.get(socket) ?? ''
    })
    this.asked.on('error', (error: NodeJS.ErrnoException) => this.break(error))
    this.asked.on('response', (answer) => this.read(answer))
    this.timers.push(setTimeout(() => this.end({ how: 'hung' }, true), hungMs))
    if (way.leaveAfterMs < Infinity) this.timers.push(setTimeout(this.leave, way.leaveAfterMs))
    way.signal.addEventListener('abort', this.leave)
    if (expects) {
      this.asked.on('continue', () => this.send(body))
      this.asked.flushHeaders()
    } else this.send(body)
  }

  private send([piece, ...rest]: readonly Buffer[]): void {
    if (this.hasEnded) return
    if (piece === undefined || !this.ask.isChunked) {
      for (const each of piece === undefined ? [] : [piece, ...rest]) this.asked.write(each)
      this.asked.end()
      return
    }
    this.asked.write(piece)
    this.timers.push(setTimeout(() => this.send(rest), this.way.sendEveryMs))
  }

  private read(answer: IncomingMessage): void {
    this.firstByteAtMs = performance.now()
    const { epoch, replica } = answererOf(answer.headers)
    this.replica = replica
    if (epoch !== '') this.epoch = epoch
    if (epoch !== '' && this.socket !== null) epochs.set(this.socket, epoch)
    const reader = new AnswerReader(this.ask, answer.statusCode ?? 0, answer.headers)
    const { readEveryMs } = this.way
    answer.on('data', (piece: Buffer) => {
      reader.take(piece)
      if (readEveryMs === 0) return
      answer.pause()
      this.timers.push(setTimeout(() => answer.resume(), readEveryMs))
    })
    answer.on('error', (error: NodeJS.ErrnoException) => this.break(error))
    answer.on('end', () => this.end(reader.ending(), false))
  }

  private break({ code, message }: NodeJS.ErrnoException): void {
    this.end({ how: 'broken', code: code === undefined ? message : `${code} (${message})` }, true)
  }

  private end(ending: Ending, isDestroying: boolean): void {
    if (this.hasEnded) return
    this.hasEnded = true
    for (const timer of this.timers) clearTimeout(timer)
    this.way.signal.removeEventListener('abort', this.leave)
    const { epoch, replica, firstByteAtMs, asked } = this
    const connection = connectionOf(this.socket)
    this.resolve({ ending, connection, epoch, replica, firstByteAtMs, isReused: asked.reusedSocket })
    if (isDestroying) asked.destroy()
  }
}
