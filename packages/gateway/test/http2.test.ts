import { execFile } from 'node:child_process'
import { constants } from 'node:http2'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { httpUpstream, rawUpstream, until } from './harness.ts'
import type { TestGateway } from './harness.ts'
import { answerOf, ask, secured, session } from './http2-gateway.ts'
import { keyRoute, tokenOf } from './token-maker.ts'

const run = promisify(execFile)

/** Says what it was sent. */
function echo(request: IncomingMessage, response: ServerResponse): void {
  let length = 0
  request.on('data', (part: Buffer) => (length += part.length))
  request.on('end', () => {
    response.setHeader('Set-Cookie', ['a=1', 'b=2'])
    response.setHeader('X-Mixed-Case', 'yes')
    response.end(
      JSON.stringify({ method: request.method, url: request.url, length, headers: request.headers }),
    )
  })
}

describe('HTTP/2 to clients', () => {
  it('lets a signed token in, tells the replica the subject, and shows it neither the token nor what a client says', async () => {
    const tokens = {
      keys: [keyRoute('EdDSA')],
      leewaySeconds: 30,
      maxLifetimeSeconds: 3600,
      subjectHeader: 'X-Subject',
    }
    const gateway = await secured(await httpUpstream(echo), { access: { keys: [], tokens } })
    const client = session(gateway)
    const iat = Math.floor(Date.now() / 1000)
    const authorization = `Bearer ${tokenOf({ sub: 'ann', iat, exp: iat + 60 })}`
    const lies = { 'x-subject': 'root', x_subject: 'root' }
    const answer = await ask(client, { authorization, ...lies })
    const { headers } = JSON.parse(answer.body)
    expect(headers).toMatchObject({ 'x-subject': 'ann' })
    expect(headers).not.toHaveProperty('authorization')
    expect(headers).not.toHaveProperty('x_subject')
    const refused = await ask(client, { authorization: `${authorization}x`, ...lies })
    expect(refused.status).toBe(401)
    expect(refused.headers['www-authenticate']).toContain('error="invalid_token"')
  })

  it('answers 400 to a request that cannot be one of HTTP/1.1, and counts it', async () => {
    const gateway = await secured(await httpUpstream(echo))
    const refused = await ask(session(gateway), { ':authority': 'a', host: 'b' })
    expect(refused).toMatchObject({ status: 400, body: expect.stringContaining('not the :authority') })
    expect(gateway.gateway.plane.routes.serviceList[0]?.counter.totals.refused.malformed).toBe(1)
  })

  it('is agreed on by ALPN, carries fields and bodies both ways, and is HTTP/1.1 to the replica', async () => {
    const gateway = await secured(await httpUpstream(echo))
    const client = session(gateway)
    const answer = await ask(client, { ':path': '/a?b=c', cookie: ['x=1', 'y=2'], 'X-Own': 'mine' })
    expect(client.alpnProtocol).toBe('h2')
    expect(answer).toMatchObject({ status: 200, code: 0 })
    expect(answer.headers).toMatchObject({ 'set-cookie': ['a=1', 'b=2'], 'x-mixed-case': 'yes' })
    expect(answer.headers).not.toHaveProperty('connection')
    expect(JSON.parse(answer.body)).toMatchObject({
      method: 'GET',
      url: '/a?b=c',
      headers: {
        cookie: 'x=1; y=2',
        host: `127.0.0.1:${gateway.port}`,
        'x-own': 'mine',
        'x-forwarded-proto': 'https',
        'x-forwarded-for': '127.0.0.1',
      },
    })
    for (const size of [0, 1, 70_000, 3_000_000]) {
      const body = Buffer.alloc(size, 120)
      const chunked = JSON.parse((await ask(client, { ':method': 'POST' }, body)).body)
      expect(chunked).toMatchObject({ length: size, headers: { 'transfer-encoding': 'chunked' } })
      const sized = { ':method': 'PUT', 'content-length': String(size) }
      const answered = JSON.parse((await ask(client, sized, body)).body)
      expect(answered).toMatchObject({ length: size, headers: { 'content-length': String(size) } })
    }
    expect(gateway.gateway.listeners.connectionCount).toBe(1)
  })

  it('carries many requests at once on one connection, and gives every count back', async () => {
    const gateway = await secured(
      await httpUpstream((request, response) => {
        setTimeout(() => response.end(request.url), Math.random() * 50)
      }),
    )
    const client = session(gateway)
    const paths = Array.from({ length: 100 }, (_, index) => `/${index}`)
    const answers = await Promise.all(paths.map((path) => ask(client, { ':path': path })))
    expect(answers.map(({ body }) => body)).toEqual(paths)
    await until('all are gone', () => gateway.gateway.plane.inFlight.count === 0)
    expect(gateway.gateway.listeners.connectionCount).toBe(1)
  })

  it('streams an answer as it comes, and tells the replica when the client cancels', async () => {
    let isGone = false
    const gateway = await secured(
      await httpUpstream((_request, response) => {
        response.writeHead(200, { 'Content-Type': 'text/event-stream' })
        response.write('data: one\n\n')
        response.on('close', () => (isGone = true))
      }),
    )
    const stream = session(gateway).request({ ':path': '/' })
    stream.on('error', () => undefined)
    const first = await new Promise((resolve) =>
      stream.once('data', (part: Buffer) => resolve(part.toString())),
    )
    expect(first).toBe('data: one\n\n')
    expect(isGone).toBe(false)
    stream.close(constants.NGHTTP2_CANCEL)
    await until('the replica was told', () => isGone)
    await until('its count is back', () => gateway.gateway.plane.inFlight.count === 0)
  })

  it('resets the stream when a replica breaks off in the middle, and leaves the others', async () => {
    const upstream = await rawUpstream((socket) => {
      socket.on('data', (bytes: Buffer) => {
        if (bytes.includes('/whole')) return socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
        const framing = bytes.includes('/sized')
          ? 'Content-Length: 10\r\n\r\n'
          : 'Transfer-Encoding: chunked\r\n\r\n5\r\n'
        socket.write(`HTTP/1.1 200 OK\r\n${framing}five!`)
        return setTimeout(() => socket.destroy(), 20)
      })
    })
    const client = session(await secured(upstream))
    const paths = ['/sized', '/chunked', '/whole']
    const [sized, chunked, whole] = await Promise.all(paths.map((path) => ask(client, { ':path': path })))
    expect(sized).toMatchObject({ status: 200, body: 'five!', code: constants.NGHTTP2_INTERNAL_ERROR })
    expect(chunked).toMatchObject({ status: 200, body: 'five!', code: constants.NGHTTP2_INTERNAL_ERROR })
    expect(whole).toMatchObject({ status: 200, body: 'ok', code: 0 })
  })

  it.each([
    ['HEAD', { ':method': 'HEAD' }, 'HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n', 200, ''],
    ['204', {}, 'HTTP/1.1 204 No Content\r\n\r\n', 204, ''],
    ['304', {}, 'HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n', 304, ''],
    [
      'chunks',
      {},
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n',
      200,
      'abcde',
    ],
    [
      '100 first',
      {},
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok',
      200,
      'ok',
    ],
  ])('frames the end of a response to or with %s', async (_name, headers, answer, ...[status, body]) => {
    const upstream = await rawUpstream((socket) => socket.on('data', () => socket.write(answer)))
    const got = await ask(session(await secured(upstream)), headers)
    expect(got).toMatchObject({ status, body, code: 0 })
  })

  it('passes on the end of a body that only the connection ends', async () => {
    const upstream = await rawUpstream((socket) =>
      socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\nuntil the end')),
    )
    const got = await ask(session(await secured(upstream)), {})
    expect(got).toMatchObject({ status: 200, body: 'until the end', code: 0 })
  })

  it('holds a client back that is faster than its replica, and a replica that is faster than its client', async () => {
    const size = 40 * 1024 * 1024
    let read = 0
    let isReading = false
    const gateway = await secured(
      await httpUpstream((request, response) => {
        if (request.method === 'GET') return response.end(Buffer.alloc(size))
        request.pause()
        const timer = setInterval(() => isReading && request.resume(), 20)
        request.on('data', (part: Buffer) => (read += part.length))
        return request.on('end', () => {
          clearInterval(timer)
          response.end('done')
        })
      }),
    )
    const client = session(gateway)
    const upload = client.request({ ':method': 'POST', ':path': '/' })
    const answered = answerOf(upload)
    let sent = 0
    const part = Buffer.alloc(64 * 1024)
    const send = (): void => {
      while (sent < size) {
        sent += part.length
        if (!upload.write(part)) return void upload.once('drain', send)
      }
      upload.end()
    }
    send()
    await new Promise((resolve) => setTimeout(resolve, 500))
    // What lies between: windows of HTTP/2, what the gateway holds, and the kernel's buffers of two connections.
    expect(sent).toBeLessThan(size / 2)
    isReading = true
    expect((await answered).body).toBe('done')
    expect(read).toBe(size)
    const download = client.request({ ':path': '/' })
    download.pause()
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(process.memoryUsage().arrayBuffers).toBeLessThan(3 * size)
    let got = 0
    download.on('data', (bytes: Buffer) => (got += bytes.length))
    download.resume()
    await new Promise((resolve) => download.on('end', resolve))
    expect(got).toBe(size)
  })

  it('ends after its requests when the gateway stops: no request is lost, no new one is taken', async () => {
    let finish = (): void => undefined
    const gateway = await secured(
      await httpUpstream((_request, response) => {
        response.write('be')
        finish = () => response.end('gun')
      }),
    )
    const client = session(gateway)
    const answer = ask(client, {})
    await until('it has begun', () => gateway.gateway.plane.inFlight.count === 1)
    gateway.gateway.plane.isStopping = true
    gateway.gateway.listeners.stop()
    await until('the client was told', () => client.closed)
    finish()
    expect(await answer).toMatchObject({ body: 'begun', code: 0 })
    await until('the connection is gone', () => gateway.gateway.listeners.connectionCount === 0)
  })

  it('serves the first requests of a connection that was there before the gateway began to stop', async () => {
    const gateway = await secured(await httpUpstream(echo))
    const client = session(gateway)
    await new Promise((resolve) => client.on('remoteSettings', resolve))
    const { plane, listeners } = gateway.gateway
    plane.isStopping = true
    plane.stoppingIdleMs = 5000
    listeners.stop()
    // It would have been told to end by now.
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(client.closed).toBe(false)
    const answers = await Promise.all([ask(client, {}), ask(client, { ':method': 'POST' }, Buffer.from('x'))])
    expect(answers.map(({ status, code }) => [status, code])).toEqual([
      [200, 0],
      [200, 0],
    ])
    await until('the client was told', () => client.closed)
    await until('the connection is gone', () => listeners.connectionCount === 0)
  })

  it('requests that are cancelled as soon as they are sent cost nobody else anything, and leave nothing behind', async () => {
    const gateway = await secured(
      await httpUpstream((_request, response) => void setTimeout(() => response.end('late'), 20)),
    )
    const hasty = session(gateway)
    for (let burst = 0; burst < 20 && !hasty.destroyed; burst += 1) {
      const streams = Array.from({ length: 100 }, () => hasty.request({ ':path': '/' }))
      for (const stream of streams) {
        stream.on('error', () => undefined)
        stream.close(constants.NGHTTP2_CANCEL)
      }
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect(await ask(session(gateway), {})).toMatchObject({ body: 'late', code: 0 })
    await until('every count is back', () => gateway.gateway.plane.inFlight.count === 0)
    hasty.destroy()
    await until('its connection is gone', () => gateway.gateway.listeners.connectionCount <= 1)
  })

  it('asks for the key of a service as HTTP/1.1 does', async () => {
    const access = { access: { keys: [] } }
    const answer = await ask(session(await secured(await httpUpstream(echo), access)), {})
    expect(answer).toMatchObject({ status: 401 })
    expect(answer.headers['www-authenticate']).toContain('Bearer')
  })

  it('works with curl, over both protocols on one port', async () => {
    const { port } = await secured(await httpUpstream((_request, response) => response.end('hello')))
    const curl = async (protocol: string): Promise<string> => {
      const format = '\n%{http_version} %{http_code}'
      const { stdout } = await run('curl', ['-sk', protocol, '-w', format, `https://127.0.0.1:${port}/`])
      return stdout
    }
    expect(await curl('--http2')).toBe('hello\n2 200')
    expect(await curl('--http1.1')).toBe('hello\n1.1 200')
  })
})

describe('the end of an answer over HTTP/2', () => {
  for (const way of ['by length', 'chunked'] as const) {
    it(`comes to a client that takes it late, ${way}`, async () => {
      const text = 'x'.repeat(4000)
      const gateway = await secured(
        await httpUpstream((_request, response) => {
          if (way === 'by length') response.setHeader('Content-Length', text.length)
          response.write(text.slice(0, 1))
          response.end(text.slice(1))
        }),
      )
      const stream = session(gateway, { settings: { initialWindowSize: 1000 } }).request({ ':path': '/' })
      await new Promise((resolve) => stream.on('response', resolve))
      outlast(gateway, 60_000)
      expect(await answerOf(stream)).toMatchObject({ body: text, code: 0, isWhole: true })
    })
  }

  it('is not waited for longer than a client may take no bytes', async () => {
    const gateway = await secured(await httpUpstream((_request, response) => response.end('x'.repeat(4000))))
    const client = session(gateway, { settings: { initialWindowSize: 1000 } })
    const stream = client.request({ ':path': '/' })
    const closed = new Promise((resolve) => stream.on('close', resolve))
    stream.on('error', () => undefined)
    await new Promise((resolve) => stream.on('response', resolve))
    await until('all has come to the gateway', () => gateway.gateway.plane.inFlight.count === 0)
    outlast(gateway, 130_000)
    await closed
    expect(stream.rstCode).toBe(constants.NGHTTP2_INTERNAL_ERROR)
  })

  it('comes whole to everybody, whenever a connection has lingered long enough behind it', async () => {
    const pieces = 6
    const gateway = await secured(
      await httpUpstream((request, response) => {
        if (request.url === '/large') return response.end(Buffer.alloc(300_000, 1))
        let sent = 0
        const timer = setInterval(() => {
          sent += 1
          response.write(`data: ${sent}\n\n`)
          if (sent < pieces) return
          clearInterval(timer)
          response.end()
        }, 10)
        return timer
      }),
    )
    const sweeps = setInterval(() => outlast(gateway, 3000), 1)
    const clients = Array.from({ length: 30 }, () => session(gateway))
    const answers = clients.flatMap((client) =>
      ['/large', '/', '/', '/large', '/'].map((path) => ask(client, { ':path': path })),
    )
    const ended = await Promise.all(answers)
    clearInterval(sweeps)
    expect(ended.filter(({ isWhole, code }) => !isWhole || code !== 0)).toEqual([])
  })
})

/** What the gateway does with its connections so many milliseconds from now. */
function outlast({ gateway }: TestGateway, ms: number): void {
  gateway.listeners.checkTimes(performance.now() + ms)
}
