import { request } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { httpUpstream, RawClient, startGateway, until } from './harness.ts'

const cleanups: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

function ask(
  port: number,
  options: { method?: string; path?: string; headers?: Record<string, string>; body?: Buffer | string },
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ port, host: '127.0.0.1', ...options }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('error', reject)
      response.on('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) })
      })
    })
    outgoing.on('error', reject)
    outgoing.end(options.body)
  })
}

async function echoGateway(): Promise<number> {
  const upstream = await httpUpstream((incoming, response) => {
    const parts: Buffer[] = []
    incoming.on('data', (part: Buffer) => parts.push(part))
    incoming.on('end', () => {
      const { method, url, headers } = incoming
      response.setHeader('Set-Cookie', ['a=1', 'b=2'])
      response.end(JSON.stringify({ method, url, headers, bytes: Buffer.concat(parts).length }))
    })
  })
  const { port, close } = await startGateway([upstream])
  cleanups.push(upstream.kill, close)
  return port
}

describe('proxying', () => {
  it.each(['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND', 'TRACE'])(
    'passes %s on',
    async (method) => {
      const port = await echoGateway()
      const answer = await ask(port, { method, path: '/x?y=1' })
      expect(answer.status).toBe(200)
      expect(JSON.parse(answer.body.toString())).toMatchObject({ method, url: '/x?y=1' })
      expect(answer.headers['set-cookie']).toEqual(['a=1', 'b=2'])
    },
  )

  it('answers HEAD without a body and goes on with the same connection', async () => {
    const client = new RawClient(await echoGateway())
    client.send('HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET /second HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.untilText('/second')
    expect(client.text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2)
    client.socket.destroy()
  })

  it('adds forwarding fields and a request id, and takes hop-by-hop fields out', async () => {
    const port = await echoGateway()
    const headers = {
      'X-Forwarded-For': '1.2.3.4',
      Connection: 'close, X-Secret',
      'X-Secret': '1',
      TE: 'trailers',
    }
    const answer = await ask(port, { headers: { ...headers, Host: 'example.org' } })
    const seen = JSON.parse(answer.body.toString()).headers
    expect(seen).toMatchObject({ 'x-forwarded-for': '1.2.3.4, 127.0.0.1', 'x-forwarded-host': 'example.org' })
    expect(seen['x-forwarded-proto']).toBe('http')
    expect(seen.forwarded).toBe('for=127.0.0.1;host="example.org";proto=http')
    expect(seen['x-request-id']).toMatch(/\w+/)
    expect(seen).not.toHaveProperty('x-secret')
    expect(seen).not.toHaveProperty('te')
    expect(answer.headers.connection).toBe('close')
  })

  it.each([{ name: 'length' }, { name: 'chunked' }])('takes 50 MB by $name', async ({ name }) => {
    const port = await echoGateway()
    const body = Buffer.alloc(50 * 1024 * 1024, 'x')
    const headers: Record<string, string> =
      name === 'length' ? { 'Content-Length': String(body.length) } : { 'Transfer-Encoding': 'chunked' }
    const answer = await ask(port, { method: 'POST', headers, body })
    expect(JSON.parse(answer.body.toString()).bytes).toBe(body.length)
  })

  it('gives 50 MB to a reader that is slow at first, holding little of it', async () => {
    const size = 50 * 1024 * 1024
    const upstream = await httpUpstream((_request, response) => response.end(Buffer.alloc(size, 'y')))
    const { port, close } = await startGateway([upstream])
    cleanups.push(upstream.kill, close)
    const before = process.memoryUsage().arrayBuffers
    let got = 0
    await new Promise<void>((resolve, reject) => {
      request({ port, host: '127.0.0.1' }, (response) => {
        response.pause()
        setTimeout(() => response.resume(), 200)
        response.on('data', (part: Buffer) => (got += part.length))
        response.on('end', resolve)
      })
        .on('error', reject)
        .end()
    })
    expect(got).toBe(size)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2.5 * size)
  })

  it('tells the replica at once when the client leaves', async () => {
    let isAborted = false
    const upstream = await httpUpstream((_request, response) => {
      response.write('first')
      response.on('close', () => (isAborted = true))
    })
    const { port, close, gateway } = await startGateway([upstream])
    cleanups.push(upstream.kill, close)
    const client = new RawClient(port)
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.untilText('first')
    client.socket.destroy()
    await until('the replica hears of it', () => isAborted)
    expect(gateway.status().inFlight).toEqual({})
  })

  it('answers 503 with Retry-After when there is no replica', async () => {
    const { port, close } = await startGateway([])
    cleanups.push(close)
    const answer = await ask(port, {})
    expect(answer.status).toBe(503)
    expect(answer.headers['retry-after']).toBe('1')
  })
})
