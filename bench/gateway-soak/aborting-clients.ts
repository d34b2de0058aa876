import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { setTimeout as delay } from 'node:timers/promises'
import type { SeededRandom } from '../gateway-fuzz/seeded-random.ts'
import type { Ending, Seen } from './attempts.ts'
import { connectionOf, noteConnection } from './connection-of.ts'
import { hungMs } from './patience.ts'

/** Where a client that leaves leaves. */
export const abortMoments = [
  'in the head',
  'in the body',
  'in the answer',
  'in a tunnel',
  'in the handshake',
] as const
export type AbortMoment = (typeof abortMoments)[number]

const longestStayMs = 400
const longestHandshakeMs = 20
const body = 'x'.repeat(100_000)
const upgrade =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'
/** Of a record of TLS that holds a ClientHello (RFC 8446 §5.1, §4), less than the whole. */
export const beginningOfHandshake = Buffer.concat([Buffer.from('160301020001', 'hex'), Buffer.alloc(300)])

function head(line: string, fields = ''): string {
  return `${line} HTTP/1.1\r\nHost: soak\r\n${fields}\r\n`
}

function textOf(moment: AbortMoment, id: number, random: SeededRandom): string {
  switch (moment) {
    case 'in the head': {
      const pipelined = random.once(2) ? head(`GET /short/${id}`) : ''
      const whole = head(`GET /events/${id}?count=9&ms=9`, `X-A: ${'a'.repeat(random.below(9000))}\r\n`)
      return pipelined + whole.slice(0, 1 + random.below(whole.length - 1))
    }
    case 'in the body': {
      const isChunked = random.once(2)
      const framing = isChunked ? 'Transfer-Encoding: chunked\r\n' : `Content-Length: ${body.length}\r\n`
      const text = isChunked ? `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n` : body
      const line = `${random.pick(['POST', 'PUT'])} /upload/${id}`
      return head(line, framing) + text.slice(0, random.below(text.length))
    }
    case 'in the answer':
      return head(
        random.pick([
          `GET /events/${id}?count=50&ms=20`,
          `GET /download/${id}?bytes=3000000`,
          `GET /late/${id}?ms=300`,
        ]),
      )
    case 'in a tunnel':
      return head(`GET /talk/${id}`, upgrade)
    case 'in the handshake':
      return beginningOfHandshake.toString('latin1', 0, 1 + random.below(beginningOfHandshake.length))
  }
}

export interface Abort {
  readonly moment: AbortMoment
  readonly port: number
  /** It begins to shake hands. */
  readonly isTls: boolean
  readonly id: number
}

/**
 * Opens a connection, sends a part of something and leaves: by the end of the connection, by its reset, or by the end of its own side, after which the
 * gateway has to end the other.
 */
export async function abort({ moment, port, isTls, id }: Abort, random: SeededRandom): Promise<Seen> {
  // A TLS connection cannot be reset, but the one beneath it can.
  const tcp = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
  noteConnection(tcp)
  const socket = isTls ? connectTls({ socket: tcp, rejectUnauthorized: false }) : tcp
  const closed = new Promise<boolean>((resolve) => tcp.on('close', () => resolve(true)))
  for (const each of [tcp, socket]) each.on('error', () => undefined)
  if (random.once(3)) socket.pause()
  else socket.resume()
  if (isTls && moment === 'in the handshake') await delay(random.below(longestHandshakeMs))
  else await send(socket, Buffer.from(textOf(moment, id, random), 'latin1'), random)
  const ending = await leave({ socket, tcp }, random, closed)
  const connection = connectionOf(tcp)
  return { ending, connection, epoch: '', replica: '', firstByteAtMs: null, isReused: false }
}

async function send(socket: Socket, bytes: Buffer, random: SeededRandom): Promise<void> {
  const cut = random.below(bytes.length + 1)
  socket.write(bytes.subarray(0, cut))
  await delay(random.below(30))
  socket.write(bytes.subarray(cut))
  await delay(random.below(longestStayMs))
}

async function leave(
  { socket, tcp }: { readonly socket: Socket; readonly tcp: Socket },
  random: SeededRandom,
  closed: Promise<boolean>,
): Promise<Ending> {
  switch (random.below(3)) {
    case 0:
      socket.destroy()
      tcp.destroy()
      return { how: 'left' }
    case 1:
      tcp.resetAndDestroy()
      socket.destroy()
      return { how: 'left' }
    default: {
      socket.resume()
      socket.end()
      const patience = new AbortController()
      const late = delay(hungMs, false, { signal: patience.signal }).catch(() => false)
      const hasClosed = await Promise.race([closed, late])
      patience.abort()
      socket.destroy()
      tcp.destroy()
      return hasClosed ? { how: 'left' } : { how: 'hung' }
    }
  }
}
