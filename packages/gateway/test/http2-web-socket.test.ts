import type { IncomingHttpHeaders } from 'node:http'
import { constants } from 'node:http2'
import type { ClientHttp2Session, ClientHttp2Stream } from 'node:http2'
import { describe, expect, it } from 'vitest'
import { openedFieldsOf, webSocketAcceptOf } from '../src/http2/web-socket.ts'
import { rawUpstream, until } from './harness.ts'
import type { TestGateway } from './harness.ts'
import { answerOf, ask, secured, session } from './http2-gateway.ts'
import type { Answer } from './http2-gateway.ts'
import { echoing } from './web-socket-echo.ts'
import { clientFrame, FrameReader } from './web-socket-frames.ts'

const text = 1
const close = 8

const openFields = { ':method': 'CONNECT', ':protocol': 'websocket', 'sec-websocket-version': '13' }

/** Asks for a WebSocket, once the gateway has said that it takes such requests. */
async function open(
  client: ClientHttp2Session,
  more: Record<string, string> = {},
): Promise<ClientHttp2Stream> {
  if (client.remoteSettings.enableConnectProtocol === undefined)
    await new Promise((resolve) => client.once('remoteSettings', resolve))
  const headers = { ...openFields, ':scheme': 'https', ':path': '/ws', ':authority': 'a', ...more }
  const stream = client.request(headers, { endStream: false })
  stream.on('error', () => undefined)
  return stream
}

async function opened(stream: ClientHttp2Stream): Promise<IncomingHttpHeaders> {
  return await new Promise((resolve) => stream.once('response', resolve))
}

async function refused(stream: ClientHttp2Stream): Promise<Answer> {
  const answer = await answerOf(stream)
  stream.destroy()
  return answer
}

/** The value once it has not changed at twenty looks in a row. */
async function untilStill(value: () => number): Promise<number> {
  let last = -1
  let looks = 0
  return await until('it stands still', () => {
    looks = value() === last ? looks + 1 : 0
    last = value()
    return looks === 20 ? last : undefined
  })
}

const inFlight = ({ gateway }: TestGateway): number => gateway.plane.inFlight.count
const lost = ({ gateway }: TestGateway): unknown[] =>
  gateway.plane.lost.reports().flatMap(({ requests }) => requests)

describe('a WebSocket over HTTP/2 (RFC 8441)', () => {
  it('is offered, opens as an upgrade at the replica, and carries frames both ways to its close', async () => {
    const echo = await echoing()
    const gateway = await secured(echo)
    const client = session(gateway)
    const stream = await open(client, {
      origin: 'https://a',
      'sec-websocket-protocol': 'chat',
      'sec-websocket-key': 'of no use',
    })
    const { frames } = new FrameReader(stream)
    const headers = await opened(stream)
    expect(client.remoteSettings.enableConnectProtocol).toBe(true)
    expect(headers).toMatchObject({ ':status': 200, 'sec-websocket-protocol': 'chat' })
    for (const name of ['sec-websocket-accept', 'upgrade', 'connection', 'content-length'])
      expect(headers).not.toHaveProperty(name)
    expect(echo.upgrades[0]).toMatchObject({
      method: 'GET',
      url: '/ws',
      headers: {
        host: 'a',
        origin: 'https://a',
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'x-forwarded-proto': 'https',
      },
    })
    expect(echo.upgrades[0]?.headers['sec-websocket-key']).toMatch(/^[\w+/]{22}==$/)
    stream.write(clientFrame(text, Buffer.from('hello')))
    stream.write(clientFrame(2, Buffer.alloc(60_000, 7)))
    await until('both echoes', () => frames.length === 2)
    expect(frames.map(({ payload }) => payload.length)).toEqual([5, 60_000])
    expect(gateway.gateway.status().inFlight).toEqual({ r0: 1 })
    const ended = answerOf(stream)
    stream.end(clientFrame(close, Buffer.from([4001 >> 8, 4001 & 0xff, 0x62, 0x79, 0x65])))
    expect(await ended).toMatchObject({ code: 0, isWhole: true })
    expect(frames.at(-1)?.opcode).toBe(close)
    expect(frames.at(-1)?.payload.readUInt16BE(0)).toBe(4001)
    expect(echo.closed).toEqual([[4001, 'bye']])
    await until('no count is left', () => inFlight(gateway) === 0)
    expect(lost(gateway)).toEqual([])
    expect(await ask(client, {})).toMatchObject({ status: 200, body: 'plain' })
    expect(gateway.gateway.listeners.connectionCount).toBe(1)
  })

  it('shares its connection with requests and other WebSockets', async () => {
    const gateway = await secured(await echoing())
    const client = session(gateway)
    const streams = await Promise.all(Array.from({ length: 5 }, () => open(client)))
    const readers = streams.map((stream) => new FrameReader(stream))
    await Promise.all(streams.map((stream) => opened(stream)))
    streams.forEach((stream, at) => stream.write(clientFrame(text, Buffer.from(`number ${at}`))))
    expect(await ask(client, {})).toMatchObject({ status: 200, body: 'plain' })
    await until('all echoes', () => readers.every(({ frames }) => frames.length === 1))
    expect(readers.map(({ frames }) => frames[0]?.payload.toString())).toEqual(
      streams.map((_stream, at) => `number ${at}`),
    )
    expect(inFlight(gateway)).toBe(5)
    for (const stream of streams) stream.close(constants.NGHTTP2_CANCEL)
    await until('no count is left', () => inFlight(gateway) === 0)
  })

  it('whose first frames come before its answer loses none of them', async () => {
    const gateway = await secured(await echoing())
    const stream = await open(session(gateway))
    const { frames } = new FrameReader(stream)
    for (let at = 0; at < 20; at += 1) stream.write(clientFrame(text, Buffer.alloc(5000, at)))
    await until('all echoes', () => frames.length === 20)
    expect(frames.map(({ payload }) => payload[4999])).toEqual(Array.from({ length: 20 }, (_, at) => at))
  })

  it('holds a replica back whose client reads nothing, and a client whose replica does not', async () => {
    const echo = await echoing()
    const gateway = await secured(echo)
    const stream = await open(session(gateway))
    await opened(stream)
    const [server] = echo.opened
    if (server === undefined) throw new Error('none was opened')
    stream.pause()
    const size = 40 * 1024 * 1024
    const count = Math.ceil(size / 60_000)
    for (let at = 0; at < count; at += 1) server.send(Buffer.alloc(60_000))
    const { pool } = gateway.gateway.plane
    const read = await untilStill(() => pool.bytes().read)
    expect(read).toBeLessThan(size / 2)
    const { frames } = new FrameReader(stream)
    stream.resume()
    await until('all of them', () => frames.length === count)
    server.pause()
    const frame = clientFrame(2, Buffer.alloc(60_000))
    for (let at = 0; at < count; at += 1) stream.write(frame)
    expect(await untilStill(() => pool.bytes().written)).toBeLessThan(size / 2)
    server.resume()
    await until('all echoes', () => frames.length === 2 * count)
  })

  it('that the client breaks off is told to the replica, and is not one that a replica lost', async () => {
    const echo = await echoing()
    const gateway = await secured(echo)
    const stream = await open(session(gateway))
    await opened(stream)
    stream.close(constants.NGHTTP2_CANCEL)
    await until('the replica was told', () => echo.closed.length === 1)
    expect(echo.closed).toEqual([[1006, '']])
    await until('no count is left', () => inFlight(gateway) === 0)
    expect(lost(gateway)).toEqual([])
  })

  it.each([
    ['ended without a close frame: the client sees an end', 'end', { code: 0, isWhole: true }],
    [
      'was reset: the stream is, too',
      'resetAndDestroy',
      { code: constants.NGHTTP2_INTERNAL_ERROR, isWhole: false },
    ],
  ] as const)(
    'that the replica %s, and stands in the list of unfinished requests',
    async (_name, leave, seen) => {
      const echo = await echoing()
      const gateway = await secured(echo)
      const stream = await open(session(gateway))
      await opened(stream)
      const ended = answerOf(stream)
      stream.on('end', () => stream.end())
      for (const socket of echo.sockets) socket[leave]()
      expect(await ended).toMatchObject(seen)
      await until('no count is left', () => inFlight(gateway) === 0)
      expect(lost(gateway)).toMatchObject([
        { kind: 'websocket', method: 'GET', path: '/ws', replicaUid: 'r0', cause: 'replica_lost' },
      ])
    },
  )

  it('that the replica closes in good order is not listed', async () => {
    const echo = await echoing()
    const gateway = await secured(echo)
    const stream = await open(session(gateway))
    const { frames } = new FrameReader(stream)
    await opened(stream)
    const ended = answerOf(stream)
    echo.opened[0]?.close(1001, 'going')
    await until('its close frame', () => frames.length === 1)
    stream.end(clientFrame(close, Buffer.from([1001 >> 8, 1001 & 0xff])))
    expect(await ended).toMatchObject({ code: 0, isWhole: true })
    await until('no count is left', () => inFlight(gateway) === 0)
    expect(lost(gateway)).toEqual([])
  })

  it('lasts while the gateway stops, like one over HTTP/1.1, and is reset when its time is over', async () => {
    const gateway = await secured(await echoing())
    const client = session(gateway)
    const stream = await open(client)
    const { frames } = new FrameReader(stream)
    await opened(stream)
    gateway.gateway.plane.isStopping = true
    gateway.gateway.listeners.stop()
    await until('the client was told', () => client.closed)
    stream.write(clientFrame(text, Buffer.from('still')))
    await until('an echo', () => frames.length === 1)
    const ended = answerOf(stream)
    gateway.gateway.listeners.destroyConnections()
    expect(await ended).toMatchObject({ code: constants.NGHTTP2_CANCEL })
    expect(inFlight(gateway)).toBe(0)
  })

  it('needs the key of a service as any request does, and its refusal is an answer', async () => {
    const echo = await echoing()
    const gateway = await secured(echo, { access: { keys: [] } })
    expect(await refused(await open(session(gateway)))).toMatchObject({
      status: 401,
      body: expect.stringContaining('401 Unauthorized'),
      code: 0,
      isWhole: true,
    })
    expect(echo.upgrades).toEqual([])
  })

  it('that the replica refuses has its answer; what the client sent behind is no request', async () => {
    const echo = await echoing()
    const gateway = await secured(echo)
    const stream = await open(session(gateway), { ':path': '/no' })
    stream.write('GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(await refused(stream)).toMatchObject({ status: 403, body: 'no', isWhole: true })
    expect(echo.upgrades).toHaveLength(1)
    await until('no count is left', () => inFlight(gateway) === 0)
  })

  it.each([
    ['200 as if it were a page', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'],
    ['200 and a stream without end', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n'],
    ['204', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['101 without a proof', 'HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhi'],
    [
      '101 with a proof for another key',
      `HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${webSocketAcceptOf('a')}\r\n\r\nhi`,
    ],
  ])('to which the replica answers %s is 502: HTTP/2 would take it for open', async (_name, bytes) => {
    const upstream = await rawUpstream((socket) => socket.once('data', () => socket.write(bytes)))
    const gateway = await secured(upstream)
    expect(await refused(await open(session(gateway)))).toMatchObject({
      status: 502,
      body: '502 Bad Gateway: the replica did not open a WebSocket\n',
      code: 0,
      isWhole: true,
    })
    await until('no count is left', () => inFlight(gateway) === 0)
  })

  it('is the only protocol there is, and has no length', async () => {
    const echo = await echoing()
    const client = session(await secured(echo))
    const other = await open(client, { ':protocol': 'connect-udp' })
    expect(await refused(other)).toMatchObject({ status: 501, isWhole: true })
    const plain = client.request({ ':method': 'CONNECT', ':authority': 'a:1' }, { endStream: false })
    expect(await refused(plain)).toMatchObject({ status: 405 })
    expect(echo.upgrades).toEqual([])
  })
})

describe('the answer to the opening of a WebSocket', () => {
  /** RFC 6455 §1.3. */
  const key = 'dGhlIHNhbXBsZSBub25jZQ=='
  const accept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='
  const answer = (status: number, ...raw: string[]) => ({
    status,
    raw: [':status', String(status), ...raw],
    isChunked: false,
  })

  it('is 200 with what the replica agreed on, for the proof of RFC 6455', () => {
    expect(webSocketAcceptOf(key)).toBe(accept)
    const opening = answer(101, 'sec-websocket-accept', accept, 'sec-websocket-extensions', 'x')
    expect(openedFieldsOf(opening, key)).toEqual(answer(200, 'sec-websocket-extensions', 'x'))
  })

  it.each([
    ['no proof', answer(101)],
    ['two proofs', answer(101, 'sec-websocket-accept', accept, 'sec-websocket-accept', accept)],
    ['another one', answer(101, 'sec-websocket-accept', accept.toLowerCase())],
    ['200', answer(200, 'sec-websocket-accept', accept)],
    ['299', answer(299)],
  ])('is none with %s', (_name, opening) => {
    expect(openedFieldsOf(opening, key)).toBeNull()
  })

  it.each([103, 301, 401, 426, 503])('is %d as it stands', (status) => {
    expect(openedFieldsOf(answer(status), key)).toEqual(answer(status))
  })
})
