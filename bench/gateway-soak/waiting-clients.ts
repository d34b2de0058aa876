import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { epochChars } from './answer-reader.ts'
import { beginningOfHandshake } from './aborting-clients.ts'
import type { Ending, Seen } from './attempts.ts'
import { connectionOf, noteConnection } from './connection-of.ts'
import { Http2Client } from './http2-client.ts'
import { askFor } from './asks.ts'
import { SeededRandom } from '../gateway-fuzz/seeded-random.ts'

/** A client that stops in the middle of something, and what the gateway has to do about it. */
export interface Wait {
  readonly name: string
  readonly isTls: boolean
  /** Shakes hands; otherwise bytes are sent as they are. */
  readonly isSecure: boolean
  readonly sends: (id: number) => string | Buffer
  /** Of a request that is in flight while it waits; '' for none. */
  readonly path: (id: number) => string
  /** Stops to read once the first bytes are there. */
  readonly stopsReading: boolean
  /** On the gateway's clock. */
  readonly endsAfterSeconds: number
  /** What it hears before the end. */
  readonly hears: RegExp
}

const host = 'Host: soak\r\n'
const nothing = /^$/
const whole = { isTls: false, isSecure: false, stopsReading: false, path: () => '' }

/** Each time-out of a client's connection, once. */
export const waits: readonly Wait[] = [
  {
    ...whole,
    name: 'kept alive without another request',
    sends: (id) => `GET /short/${id} HTTP/1.1\r\n${host}\r\n`,
    endsAfterSeconds: 75,
    hears: /^HTTP\/1\.1 200 [^]*ok \d+$/,
  },
  { ...whole, name: 'sends nothing', sends: () => '', endsAfterSeconds: 30, hears: nothing },
  {
    ...whole,
    name: 'a head without end',
    sends: (id) => `GET /short/${id} HTTP/1.1\r\n${host}`,
    endsAfterSeconds: 30,
    hears: /^HTTP\/1\.1 408 [^]*the request head took too long\n$/,
  },
  {
    ...whole,
    name: 'a body without end',
    path: (id) => `/upload/${id}`,
    sends: (id) => `POST /upload/${id} HTTP/1.1\r\n${host}Content-Length: 1000\r\n\r\nabc`,
    endsAfterSeconds: 120,
    hears: /^HTTP\/1\.1 408 [^]*the request body took too long\n$/,
  },
  {
    ...whole,
    name: 'stops reading',
    path: (id) => `/download/${id}`,
    sends: (id) => `GET /download/${id}?bytes=60000000 HTTP/1.1\r\n${host}\r\n`,
    stopsReading: true,
    endsAfterSeconds: 120,
    hears: /^HTTP\/1\.1 200 /,
  },
  {
    ...whole,
    name: 'TLS: sends nothing',
    isTls: true,
    sends: () => '',
    endsAfterSeconds: 30,
    hears: nothing,
  },
  {
    ...whole,
    name: 'TLS: half a handshake',
    isTls: true,
    sends: () => beginningOfHandshake,
    endsAfterSeconds: 30,
    hears: nothing,
  },
  {
    ...whole,
    name: 'TLS: speaks HTTP without it',
    isTls: true,
    sends: (id) => `GET /short/${id} HTTP/1.1\r\n${host}\r\n`,
    endsAfterSeconds: 0,
    hears: /^HTTP\/1\.1 400 [^]*this port speaks HTTPS\n$/,
  },
  {
    ...whole,
    name: 'TLS: a head without end',
    isTls: true,
    isSecure: true,
    sends: (id) => `GET /short/${id} HTTP/1.1\r\n${host}`,
    endsAfterSeconds: 30,
    hears: /^HTTP\/1\.1 408 /,
  },
]

export interface Waiting {
  readonly port: number
  readonly id: number
  /** How much faster the gateway's clock runs. */
  readonly speed: number
  readonly signal: AbortSignal
}

/** The gateway looks at its connections once a second of its clock; the rest is for a machine that is busy. */
const slackMs = 10_000

/** Waits for the end of a connection, which is due after so long. Null: it came in time. */
async function endOf(
  closed: Promise<unknown>,
  due: { readonly startedAtMs: number; readonly dueMs: number },
  signal: AbortSignal,
): Promise<Ending | null> {
  const { promise, resolve } = Promise.withResolvers<Ending | null>()
  const { startedAtMs, dueMs } = due
  const late = setTimeout(() => resolve({ how: 'hung' }), dueMs + slackMs)
  const leave = (): void => resolve({ how: 'left' })
  signal.addEventListener('abort', leave)
  const judgeTime = async (): Promise<void> => {
    await closed
    const tookMs = performance.now() - startedAtMs
    const isEarly = tookMs < dueMs * 0.95
    resolve(isEarly ? { how: 'broken', code: `ended after ${tookMs.toFixed(0)} ms of ${dueMs}` } : null)
  }
  void judgeTime()
  const ending = await promise
  clearTimeout(late)
  signal.removeEventListener('abort', leave)
  return ending
}

/** Opens a connection, stops where `wait` says, and judges how the gateway ends it. */
export async function waitOut(wait: Wait, at: Waiting): Promise<Seen> {
  const startedAtMs = performance.now()
  const to = { port: at.port, host: '127.0.0.1' }
  const socket = wait.isSecure ? connectTls({ ...to, rejectUnauthorized: false }) : connect(to)
  noteConnection(socket)
  const dueMs = (wait.endsAfterSeconds * 1000) / at.speed
  const reading = new Reading(socket, wait.stopsReading)
  // What came in the meantime is read then, and so is the end.
  const reader = wait.stopsReading ? setTimeout(() => reading.goOn(), dueMs + slackMs / 2) : undefined
  let errorCode = ''
  socket.on('error', (error: NodeJS.ErrnoException) => (errorCode = error.code ?? error.message))
  const closed = new Promise((resolve) => socket.on('close', resolve))
  socket.write(wait.sends(at.id))
  const ending = await endOf(closed, { startedAtMs, dueMs }, at.signal)
  clearTimeout(reader)
  socket.destroy()
  const { epoch, replica, firstByteAtMs, text } = reading
  const connection = connectionOf(socket)
  const heard =
    ending === null || ending.how === 'broken' ? heardOf(wait, text, { early: ending, errorCode }) : ending
  return { ending: heard, connection, epoch, firstByteAtMs, replica, isReused: false }
}

/** @param end whether it came before its time, and with which error. */
function heardOf(
  { hears }: Wait,
  text: string,
  end: { readonly early: Ending | null; readonly errorCode: string },
): Ending {
  const refused = /^HTTP\/1\.1 (5\d\d) [^]*\r\n\r\n([^]*)$/.exec(text)
  if (refused !== null) return { how: 'refused', status: Number(refused[1]), text: refused[2] ?? '' }
  const { early, errorCode } = end
  if (early?.how === 'broken') return { how: 'broken', code: `${errorCode} ${early.code}` }
  if (hears.test(text)) return { how: 'ended' }
  if (text === '') return { how: 'broken', code: `${errorCode} ended without a word` }
  return { how: 'wrong', what: `heard ${JSON.stringify(text.slice(0, 100))}` }
}

/** What a client has read. */
class Reading {
  text = ''
  epoch = ''
  replica = ''
  firstByteAtMs: number | null = null
  private readonly socket: Socket

  constructor(socket: Socket, stops: boolean) {
    this.socket = socket
    socket.on('data', (bytes: Buffer) => {
      this.firstByteAtMs ??= performance.now()
      if (this.text.length < 1000) this.text += bytes.toString('latin1', 0, 1000)
      this.epoch = /^X-Soak-Id: (.*?)\r$/im.exec(this.text)?.[1]?.slice(0, epochChars) ?? this.epoch
      this.replica = /^X-Soak-Replica: (.*?)\r$/im.exec(this.text)?.[1] ?? this.replica
      if (stops) socket.pause()
    })
  }

  goOn(): void {
    this.socket.removeAllListeners('data')
    this.socket.resume()
  }
}

/** One of HTTP/2 that asks nothing any more. */
export async function waitOutHttp2(at: Waiting): Promise<Seen> {
  const startedAtMs = performance.now()
  const client = new Http2Client(at.port)
  const way = { leaveAfterMs: Infinity, signal: at.signal }
  const asked = await client.ask(askFor('GET', at.id, new SeededRandom(at.id)), way)
  if (asked.ending.how !== 'whole') return asked
  const due = { startedAtMs, dueMs: 75_000 / at.speed }
  const ending = await endOf(client.untilGone(), due, at.signal)
  client.end(true)
  return { ...asked, ending: ending ?? { how: 'ended' } }
}
