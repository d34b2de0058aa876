import { describe, expect, it } from 'vitest'
import { requestTrailersOf, responseTrailersOf } from '../src/http2/trailers.ts'
import { httpUpstream, rawUpstream, until } from './harness.ts'
import type { Upstream } from './harness.ts'
import { answerOf, ask, secured, session } from './http2-gateway.ts'

const chunkedHead = 'HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n'

/** Answers each request with these bytes. */
const answering = (bytes: string): Promise<Upstream> =>
  rawUpstream((socket) => socket.on('data', () => socket.write(bytes, 'latin1')))

describe('trailers of a response to an HTTP/2 client (RFC 9113 §8.1)', () => {
  it('follow its body, and are announced in its head', async () => {
    const body =
      '3\r\nabc\r\n0\r\nX-Sum: 3\r\nServer-Timing: a;dur=1\r\nserver-timing: b\r\nX-\u00e9: no\r\n\r\n'
    const allowed = body.replace('X-\u00e9: no', 'X-Name: \u00e9')
    const answer = await ask(session(await secured(await answering(chunkedHead + allowed))), {})
    expect(answer).toMatchObject({ status: 200, body: 'abc', code: 0, isWhole: true })
    expect(answer.headers).toMatchObject({ trailer: 'X-Sum' })
    expect(answer.headers).not.toHaveProperty('x-sum')
    expect(answer.trailers).toMatchObject({
      'x-sum': '3',
      'server-timing': 'a;dur=1, b',
      'x-name': '\u00e9',
    })
  })

  it.each([
    ['of an empty body', `${chunkedHead}0\r\nX-Sum: 0\r\n\r\n`, '', '0'],
    ['in pieces', `${chunkedHead}1\r\na\r\n1;x=y\r\nb\r\n0\r\nX-Sum:2 \r\n\r\n`, 'ab', '2'],
  ])('%s', async (_name, bytes, body, sum) => {
    const upstream = await rawUpstream((socket) => {
      socket.on('data', () => {
        let at = 0
        const timer = setInterval(() => {
          socket.write(bytes.slice(at, at + 7))
          at += 7
          if (at >= bytes.length) clearInterval(timer)
        }, 2)
      })
    })
    const answer = await ask(session(await secured(upstream)), {})
    expect(answer).toMatchObject({ body, code: 0, isWhole: true, trailers: { 'x-sum': sum } })
  })

  it('are none where there are none, and the next request of the connection is answered', async () => {
    const client = session(await secured(await answering(`${chunkedHead}3\r\nabc\r\n0\r\n\r\n`)))
    for (let round = 0; round < 3; round += 1) {
      const answer = await ask(client, {})
      expect(answer).toMatchObject({ body: 'abc', code: 0, isWhole: true, trailers: null })
    }
  })

  it('to HEAD and with 304 there is no body, and so no trailer', async () => {
    const head = session(await secured(await answering(chunkedHead)))
    expect(await ask(head, { ':method': 'HEAD' })).toMatchObject({ status: 200, code: 0, isWhole: true })
    const unchanged = chunkedHead.replace('200 OK', '304 Not Modified')
    const answer = await ask(session(await secured(await answering(unchanged))), {})
    expect(answer).toMatchObject({ status: 304, code: 0, isWhole: true, trailers: null })
  })

  it('come whole behind a body larger than the windows, though the request has not ended: its rest is not wanted', async () => {
    const size = 600_000
    const bytes = `${chunkedHead}${size.toString(16)}\r\n${'x'.repeat(size)}\r\n0\r\nX-Sum: 9\r\n\r\n`
    const stream = session(await secured(await answering(bytes))).request(
      { ':path': '/', ':method': 'POST' },
      { endStream: false },
    )
    stream.write('a')
    const answer = await answerOf(stream)
    expect(answer).toMatchObject({ code: 0, isWhole: true, trailers: { 'x-sum': '9' } })
    expect(answer.body).toHaveLength(size)
  })

  it.each(['Content-Length: 3', 'Set-Cookie: a=1', 'Connection: close', 'X_Forwarded_For: 1.2.3.4'])(
    'with %s the answer is refused, as it is to HTTP/1.1: the stream is reset',
    async (field) => {
      const bytes = `${chunkedHead}3\r\nabc\r\n0\r\n${field}\r\n\r\n`
      const answer = await ask(session(await secured(await answering(bytes))), {})
      expect(answer).toMatchObject({ isWhole: false, trailers: null })
      expect(answer.code).not.toBe(0)
    },
  )

  it('a response that breaks off within its trailers is reset', async () => {
    const upstream = await rawUpstream((socket) =>
      socket.on('data', () => socket.end(`${chunkedHead}3\r\nabc\r\n0\r\nX-Sum: 3\r\n`)),
    )
    const answer = await ask(session(await secured(upstream)), {})
    expect(answer).toMatchObject({ isWhole: false, trailers: null })
    expect(answer.code).not.toBe(0)
  })
})

describe('trailers of an HTTP/2 request', () => {
  interface Sent {
    readonly body: string
    readonly trailers: Record<string, string | undefined>
    readonly announced: string | undefined
  }

  /** Says what it was sent, in JSON. */
  const telling = (): Promise<Upstream> =>
    httpUpstream((request, response) => {
      let body = ''
      request.on('data', (part: Buffer) => (body += part.toString()))
      request.on('end', () => {
        const sent: Sent = { body, trailers: request.trailers, announced: String(request.headers['trailer']) }
        response.end(JSON.stringify(sent))
      })
    })

  async function send(
    headers: Record<string, string>,
    body: string,
    trailers: Record<string, string | string[]>,
  ): Promise<Sent> {
    const client = session(await secured(await telling()))
    const fields = { ':path': '/', ':method': 'POST', ...headers }
    const stream = client.request(fields, { endStream: false, waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers(trailers))
    stream.end(body)
    return JSON.parse((await answerOf(stream)).body)
  }

  it('reach the replica behind a body that goes on in chunks, and are announced', async () => {
    const sent = await send({ trailer: 'X-Sum' }, 'abc', { 'x-sum': '3', 'X-Two': ['a', 'b'], etag: '"1"' })
    expect(sent).toEqual({
      body: 'abc',
      trailers: { 'x-sum': '3', 'x-two': 'a, b', etag: '"1"' },
      announced: 'X-Sum',
    })
  })

  it('reach it behind an empty body', async () => {
    expect(await send({}, '', { 'x-sum': '0' })).toMatchObject({ body: '', trailers: { 'x-sum': '0' } })
  })

  it('without those that frame, route, authenticate or say who the client is', async () => {
    const lies = {
      host: 'b',
      authorization: 'Bearer x',
      cookie: 'a=1',
      'x-forwarded-for': '6.6.6.6',
      x_forwarded_for: '6.6.6.6',
      forwarded: 'for=6.6.6.6',
      'proxy-authorization': 'x',
    }
    expect((await send({}, 'abc', { ...lies, 'x-sum': '3' })).trailers).toEqual({ 'x-sum': '3' })
  })

  it('are dropped where the body has a stated length: HTTP/1.1 has no place for them', async () => {
    expect(await send({ 'content-length': '3' }, 'abc', { 'x-sum': '3' })).toMatchObject({
      body: 'abc',
      trailers: {},
    })
  })

  it('over 8 KiB are refused, and the replica does not see an end', async () => {
    let hasEnded = false
    const upstream = await httpUpstream((request) => {
      request.resume()
      request.on('end', () => (hasEnded = true))
    })
    const stream = session(await secured(upstream)).request(
      { ':path': '/', ':method': 'POST' },
      { endStream: false, waitForTrailers: true },
    )
    stream.on('wantTrailers', () => stream.sendTrailers({ 'x-long': 'x'.repeat(9000) }))
    const answer = answerOf(stream)
    stream.end('abc')
    expect(await answer).toMatchObject({ status: 400, code: 0 })
    await until('the replica is told', () => upstream.sockets.size === 0)
    expect(hasEnded).toBe(false)
  })
})

describe('trailer fields', () => {
  it.each([
    ['a pseudo-header', [':path', '/']],
    ['a capital in a name', ['X-Sum', '1']],
    ['a line break in a value', ['x', '1\r\nhost: b']],
    ['a bare LF', ['x', '1\n']],
    ['NUL', ['x', '\0']],
    ['a name without characters', ['', '1']],
  ])('of a request with %s cannot be read', (_name, raw) => {
    expect(requestTrailersOf(['x-a', '1', ...raw])).toBeNull()
  })

  it('of a request keep their order, and lose what is forbidden', () => {
    const raw = [
      'b',
      '2',
      'transfer-encoding',
      'chunked',
      'a',
      '1',
      'te',
      'trailers',
      'b',
      '3',
      'trailer',
      'a',
    ]
    expect(requestTrailersOf(raw)).toBe('b: 2\r\na: 1\r\nb: 3\r\n')
  })

  it('of a response are one of each name, whatever the name', () => {
    const trailers = responseTrailersOf(['B', '2', 'a', '1', 'b', '3', '__proto__', 'x', 'toString', 'y'])
    expect(Object.entries(trailers)).toEqual([
      ['b', '2, 3'],
      ['a', '1'],
      ['__proto__', 'x'],
      ['tostring', 'y'],
    ])
  })
})
