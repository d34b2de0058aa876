import { createServer, request } from 'node:http'
import type { Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { httpUpstream, listen, RawClient, rawUpstream, startGateway, until } from './harness.ts'
import type { TestGateway, Upstream } from './harness.ts'
import { clientFrame } from './web-socket-frames.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

async function through(upstream: Upstream): Promise<TestGateway> {
  const gateway = await startGateway([upstream])
  cleanups.push(
    () => upstream.kill(),
    () => gateway.close(),
  )
  return gateway
}

/** A replica that gives each request head the answer that `answer` writes. */
async function scripted(answer: (socket: Socket, head: string) => void): Promise<TestGateway> {
  const upstream = await rawUpstream((socket) => {
    socket.on('data', (bytes: Buffer) => answer(socket, bytes.toString('latin1')))
  }, true)
  return through(upstream)
}

const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'

describe('streaming', () => {
  it('says which replica answers to a client that asks, and to no other; a replica cannot say it is another', async () => {
    const asked: (string | undefined)[] = []
    const upstream = await httpUpstream((incoming, response) => {
      asked.push(String(incoming.headers['x-skykeep-replica']))
      response.writeHead(200, { 'X-Skykeep-Replica': '99;version=99', 'X-Own': 'kept' }).end('ok')
    })
    const { port } = await through(upstream)
    const answererOf = async (headers: Record<string, string>): Promise<[string | null, string | null]> => {
      const response = await fetch(`http://127.0.0.1:${port}/`, { headers })
      return [response.headers.get('x-skykeep-replica'), response.headers.get('x-own')]
    }
    expect(await answererOf({})).toEqual([null, 'kept'])
    expect(await answererOf({ 'X-Skykeep-Replica': '1' })).toEqual(['0;version=1', 'kept'])
    expect(await answererOf({})).toEqual([null, 'kept'])
    expect(asked).toEqual(['undefined', 'undefined', 'undefined'])
  })

  it('passes each server-sent event on as it comes', async () => {
    const sent: number[] = []
    const upstream = await httpUpstream((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' })
      let count = 0
      const timer = setInterval(() => {
        count += 1
        sent.push(performance.now())
        response.write(`data: ${count}\n\n`)
        if (count === 20) {
          clearInterval(timer)
          response.end()
        }
      }, 10)
    })
    const { port } = await through(upstream)
    const received: number[] = []
    await new Promise<void>((resolve) => {
      request({ port, host: '127.0.0.1' }, (response) => {
        response.on('data', () => received.push(performance.now()))
        response.on('end', resolve)
      }).end()
    })
    expect(received.length).toBe(20)
    const delays = received.map((at, i) => at - (sent[i] ?? at)).toSorted((a, b) => a - b)
    expect(delays[10]).toBeLessThan(10)
  })

  it('streams both ways at once: each part of an upload is answered before the next is sent', async () => {
    const upstream = await httpUpstream((incoming, response) => {
      incoming.on('data', (part: Buffer) => response.write(part.toString().toUpperCase()))
      incoming.on('end', () => response.end())
    })
    const { port } = await through(upstream)
    const client = new RawClient(port)
    client.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n')
    await client.untilText('ABC')
    client.send('3\r\ndef\r\n')
    await client.untilText('DEF')
    client.send('0\r\n\r\n')
    expect(await client.untilText('\r\n0\r\n\r\n')).toMatch(/ABC[^]*DEF/)
    client.socket.destroy()
  })

  it('passes 100-continue through, then the body', async () => {
    const upstream = await httpUpstream((incoming, response) => {
      incoming.on('data', () => undefined)
      incoming.on('end', () => response.end('got it'))
    })
    const { port } = await through(upstream)
    const client = new RawClient(port)
    client.send('POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n')
    await client.untilText('HTTP/1.1 100 Continue\r\n\r\n')
    client.send('abc')
    expect(await client.untilText('got it')).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/)
    client.socket.destroy()
  })

  it('gives an early answer to the client and closes, without waiting for the body', async () => {
    const { port } = await scripted((socket) =>
      socket.write('HTTP/1.1 413 No\r\nContent-Length: 3\r\n\r\nbig'),
    )
    const client = new RawClient(port)
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nabc')
    const text = await client.untilEnd()
    expect(text).toMatch(/^HTTP\/1\.1 413 No\r\n[^]*Connection: close\r\n\r\nbig$/)
  })

  it('ends a close-delimited answer where the replica ends it', async () => {
    const { port } = await scripted((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\nall of it'))
    const client = new RawClient(port)
    client.send(get)
    expect(await client.untilEnd()).toMatch(/Connection: close\r\n\r\nall of it$/)
  })

  it('takes the chunks out for HTTP/1.0 and closes', async () => {
    const { port } = await scripted((socket) => {
      socket.write(
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3;x\r\ndef\r\n0\r\nT: 1\r\n\r\n',
      )
    })
    const client = new RawClient(port)
    client.send('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')
    const text = await client.untilEnd()
    expect(text).toMatch(/\r\n\r\nabcdef$/)
    expect(text).not.toMatch(/transfer-encoding/i)
  })

  it('keeps HTTP/1.0 open when asked and the length is known', async () => {
    const { port } = await scripted((socket) =>
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
    )
    const client = new RawClient(port)
    client.send('GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n')
    await client.untilText('Connection: keep-alive\r\n\r\nok')
    client.send('GET / HTTP/1.0\r\n\r\n')
    expect(await client.untilEnd()).toMatch(/ok[^]*Connection: close\r\n\r\nok$/)
  })

  it('passes trailers on as they are', async () => {
    const body = '3\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n'
    const { port } = await scripted((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n${body}`)
    })
    const client = new RawClient(port)
    client.send(get)
    expect(await client.untilText('X-Sum: 1\r\n\r\n')).toContain(
      `Trailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n${body}`,
    )
    client.socket.destroy()
  })

  it('reads an answer cut at any byte the same', async () => {
    const answer =
      'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n'
    let cut = 1
    const { port } = await scripted((socket) => {
      socket.setNoDelay(true)
      socket.write(answer.slice(0, cut))
      setImmediate(() => socket.write(answer.slice(cut)))
    })
    const client = new RawClient(port)
    for (cut = 1; cut < answer.length; cut += 1) {
      client.received = Buffer.alloc(0)
      client.send(get)
      await client.untilText('0\r\n\r\n')
      expect(client.text).toBe(answer)
    }
    client.socket.destroy()
  })

  it('reads pipelined requests cut at any byte the same, and answers in order', async () => {
    const requests =
      'POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc' +
      '\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ndef\r\n0\r\n\r\n' +
      'GET /3 HTTP/1.1\r\nHost: a\r\n\r\n'
    const upstream = await httpUpstream((incoming, response) => {
      let body = ''
      incoming.on('data', (part: Buffer) => (body += part.toString()))
      incoming.on('end', () => response.end(`<${incoming.url}${body}>`))
    })
    const { port } = await through(upstream)
    for (let cut = 1; cut < requests.length; cut += 7) {
      const client = new RawClient(port)
      client.send(requests.slice(0, cut))
      setImmediate(() => client.send(requests.slice(cut)))
      const text = await client.untilText('</3>')
      expect(text.match(/<[^>]*>/g)).toEqual(['</1abc>', '</2def>', '</3>'])
      client.socket.destroy()
    }
  })

  it('a bad answer of a replica is 502, and none of it is passed on', async () => {
    const { port } = await scripted((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab')
    })
    const client = new RawClient(port)
    client.send(get)
    expect(await client.untilText('502 Bad Gateway')).not.toContain('200')
    client.socket.destroy()
  })

  it('a silent replica is 504 before the answer begins, and a broken connection after', async () => {
    const upstream = await rawUpstream((socket) => {
      socket.on('data', (bytes: Buffer) => {
        if (bytes.includes('/begun')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nsome')
      })
    })
    const gateway = await startGateway([upstream], { service: { streamTimeoutSeconds: 1 } })
    cleanups.push(
      () => upstream.kill(),
      () => gateway.close(),
    )
    const before = new RawClient(gateway.port)
    const after = new RawClient(gateway.port)
    before.send(get)
    after.send('GET /begun HTTP/1.1\r\nHost: a\r\n\r\n')
    await before.untilText('504 Gateway Timeout')
    expect(await after.untilEnd()).toMatch(/some$/)
    before.socket.destroy()
    expect(gateway.gateway.status().inFlight).toEqual({})
  })
})

describe('WebSocket', () => {
  it('echoes through a tunnel, both close codes and half-closes included', async () => {
    const server = createServer()
    const sockets = new WebSocketServer({ server })
    sockets.on('connection', (socket) => socket.on('message', (message) => socket.send(message)))
    const gateway = await startGateway([{ port: await listen(server) }])
    cleanups.push(
      () => new Promise((resolve) => server.close(resolve)),
      () => gateway.close(),
    )
    const client = new WebSocket(`ws://127.0.0.1:${gateway.port}/ws`)
    const received: string[] = []
    client.on('message', (message: Buffer) => received.push(message.toString()))
    await new Promise((resolve) => client.once('open', resolve))
    client.send('x'.repeat(300_000))
    client.send('two')
    await until('both echoes', () => received.length === 2)
    expect(received.map((text) => text.length)).toEqual([300_000, 3])
    expect(gateway.gateway.status().inFlight).toEqual({ r0: 1 })
    const closed = new Promise<number>((resolve) => client.once('close', resolve))
    client.close(4001)
    expect(await closed).toBe(4001)
    await until('no count is left', () => Object.keys(gateway.gateway.status().inFlight).length === 0)
    expect(gateway.gateway.plane.lost.reports()).toEqual([])
  })

  it('lists a tunnel that ended without a close frame', async () => {
    const server = createServer()
    const sockets = new WebSocketServer({ server })
    const gateway = await startGateway([{ port: await listen(server) }])
    cleanups.push(
      () => new Promise((resolve) => server.close(resolve)),
      () => gateway.close(),
    )
    const client = new WebSocket(`ws://127.0.0.1:${gateway.port}/ws`)
    await new Promise((resolve) => client.once('open', resolve))
    const closed = new Promise<number>((resolve) => client.once('close', resolve))
    for (const socket of sockets.clients) socket.terminate()
    expect(await closed).toBe(1006)
    const [report] = gateway.gateway.plane.lost.reports()
    expect(report?.requests[0]).toMatchObject({ kind: 'websocket', path: '/ws', cause: 'replica_lost' })
  })

  const goodbye = clientFrame(8, Buffer.from([0x03, 0xe8]))
  const words = clientFrame(1, Buffer.from('last words'))
  const ended = (socket: Socket): unknown => socket.end()
  const reset = (socket: Socket): unknown => socket.resetAndDestroy()
  it.each([
    {
      what: 'said goodbye, then its replica went without a close frame',
      last: goodbye,
      go: ended,
      listed: 1,
    },
    { what: 'left, then its replica went too', last: words, go: ended, listed: 0 },
    { what: 'left, then its replica was cut off', last: words, go: reset, listed: 1 },
  ])('of a client that $what: listed $listed times', async ({ last, go, listed }) => {
    const { port, gateway } = await scripted((socket, text) => {
      if (!text.startsWith('GET')) return
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
      socket.on('end', () => go(socket))
    })
    const client = new RawClient(port)
    client.send('GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    await client.untilText('101 Switching Protocols')
    client.socket.end(last)
    await until('its end', () => client.isClosed)
    await until('no count is left', () => Object.keys(gateway.status().inFlight).length === 0)
    expect(gateway.plane.lost.reports().flatMap(({ requests }) => requests)).toHaveLength(listed)
  })

  it('of a replica that goes while its client talks on: listed once', async () => {
    const { port, gateway } = await scripted((socket, text) => {
      if (!text.startsWith('GET')) return
      socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
      setTimeout(() => socket.resetAndDestroy(), 50)
    })
    const client = new RawClient(port)
    client.send('GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n')
    await client.untilText('101 Switching Protocols')
    const talk = setInterval(() => client.isClosed || client.send(words.toString('latin1')), 10)
    await until('its end', () => client.isClosed)
    clearInterval(talk)
    expect(gateway.plane.lost.reports().flatMap(({ requests }) => requests)).toHaveLength(1)
  })

  it('a request sent behind an upgrade that was refused is read as a request, not passed on with it', async () => {
    const heads: string[] = []
    const { port } = await scripted((socket, head) => {
      heads.push(head)
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno')
    })
    const client = new RawClient(port)
    client.send(`GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n${get}`)
    await until('two answers', () => client.text.match(/200 OK/g)?.length === 2)
    expect(heads).toHaveLength(2)
    client.socket.destroy()
  })

  it('101 without having asked is refused', async () => {
    const { port } = await scripted((socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n')
    })
    const client = new RawClient(port)
    client.send(get)
    expect(await client.untilText('502 Bad Gateway')).not.toContain('101')
    client.socket.destroy()
  })
})
