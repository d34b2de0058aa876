import type { Socket } from 'node:net'
import { connect } from 'node:net'
import type { ByteStream } from './byte-streams.ts'
import type { RecordingUpstream } from './recording-upstream.ts'
import { recordedField } from './recording-upstream.ts'
import { readRequests } from '../../packages/gateway/test/request-reader.ts'
import type { ReadRequest, Reading } from '../../packages/gateway/test/request-reader.ts'

/** A final response that the client got. */
export interface Got {
  readonly status: number
  /** Said by the proxy itself. */
  readonly isOwn: boolean
  /** Why, where the proxy says it. */
  readonly fault: string
}

/** What one proxy did with a stream. */
export interface Outcome {
  /** Whole requests that reached the upstream, in order. */
  readonly requests: readonly ReadRequest[]
  /** Of the bytes behind those. */
  readonly rest: Reading['rest']
  readonly got: readonly Got[]
  readonly isClosed: boolean
  /** What each upstream connection brought. */
  readonly forwarded: readonly string[]
}

/** One proxy's port, with an upstream that no other has: streams go through it one after another. */
export interface Lane {
  readonly port: number
  readonly upstream: RecordingUpstream
}

/** One client, as far as it has come. */
interface Client {
  readonly lane: Lane
  readonly socket: Socket
  text: string
  isClosed: boolean
  lastByteAt: number
}

/** Sends the same bytes through every lane, and says what each made of it once none has moved for `quietMs`. */
export async function sendThrough(
  lanes: readonly Lane[],
  stream: ByteStream,
  quietMs: number,
): Promise<Outcome[]> {
  const clients = lanes.map((lane) => open(lane))
  for (const piece of stream.pieces) {
    for (const { socket } of clients) socket.write(piece)
    await new Promise((resolve) => setImmediate(resolve))
  }
  const sentAt = performance.now()
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 5))
    const now = performance.now()
    const isQuiet = clients.every((client) => {
      const last = Math.max(sentAt, client.lastByteAt, client.lane.upstream.lastByteAt)
      return now - last > (client.isClosed ? 10 : quietMs)
    })
    if (isQuiet) break
  }
  const outcomes = clients.map(outcomeOf)
  for (const { socket } of clients) socket.destroy()
  // What a proxy still holds of a request that has not ended must not stand in the next stream's record.
  if (!clients.every(({ isClosed }) => isClosed))
    await new Promise((resolve) => setTimeout(resolve, quietMs / 2))
  for (const { lane } of clients) lane.upstream.reset()
  return outcomes
}

function open(lane: Lane): Client {
  const socket = connect({ port: lane.port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
  const client: Client = { lane, socket, text: '', isClosed: false, lastByteAt: 0 }
  socket.on('data', (bytes: Buffer) => {
    client.text += bytes.toString('latin1')
    client.lastByteAt = performance.now()
  })
  const onEnd = (): void => {
    client.isClosed = true
    client.lastByteAt = performance.now()
  }
  socket.on('end', onEnd)
  socket.on('close', onEnd)
  socket.on('error', () => undefined)
  return client
}

function outcomeOf({ lane, text, isClosed }: Client): Outcome {
  const forwarded = lane.upstream.received
  const readings = forwarded.map(readRequests)
  return {
    forwarded,
    isClosed,
    got: responsesIn(text),
    requests: lane.upstream.requests,
    rest: readings.find(({ rest }) => rest !== 'whole')?.rest ?? 'whole',
  }
}

function responsesIn(text: string): Got[] {
  return text
    .split(/(?=HTTP\/1\.[01] \d{3} )/)
    .filter((part) => /^HTTP\/1\.[01] [2-5]/.test(part))
    .map((part) => ({
      status: Number(part.slice(9, 12)),
      isOwn: !new RegExp(`^${recordedField}:`, 'im').test(part),
      fault: /\r\n\r\n\d{3} [\w -]+: ([^\n]*)/.exec(part)?.[1] ?? '',
    }))
}
