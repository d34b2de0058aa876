import type { Socket } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import type { TestGateway } from './harness.ts'
import { RawClient, rawUpstream, startGateway, until } from './harness.ts'
import { readRequests } from './request-reader.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

interface Scripted extends TestGateway {
  /** All bytes that the replica got. */
  readonly seen: () => string
  /** The replica's connections that are open. */
  readonly open: () => number
}

/** A replica that answers whenever bytes come, by what has come on that connection so far. */
async function scripted(answer: (socket: Socket, seen: string) => void): Promise<Scripted> {
  let all = ''
  const upstream = await rawUpstream((socket) => {
    let seen = ''
    socket.on('data', (bytes: Buffer) => {
      all += bytes.toString('latin1')
      seen += bytes.toString('latin1')
      answer(socket, seen)
    })
  })
  const gateway = await startGateway([upstream])
  cleanups.push(
    () => upstream.kill(),
    () => gateway.close(),
  )
  return { ...gateway, seen: () => all, open: () => upstream.sockets.size }
}

const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const post = 'POST / HTTP/1.1\r\nHost: a\r\n'

async function untilNothingInFlight({ gateway }: TestGateway): Promise<void> {
  await until('nothing in flight', () => Object.keys(gateway.status().inFlight).length === 0)
}

describe('hop by hop (RFC 9110 §7.6.1)', () => {
  it('takes the fields of the replica that are for this hop, and those that its Connection lists, out of the answer', async () => {
    const hop =
      'Connection: X-Hop, keep-alive\r\nX-Hop: 1\r\nKeep-Alive: timeout=9\r\nProxy-Connection: x\r\nTE: x\r\n'
    const { port } = await scripted((socket) =>
      socket.write(`HTTP/1.1 200 OK\r\n${hop}X-End: 1\r\nContent-Length: 2\r\n\r\nok`),
    )
    const client = new RawClient(port)
    client.send(get)
    expect(await client.untilText('\r\n\r\nok')).toBe(
      'HTTP/1.1 200 OK\r\nX-End: 1\r\nContent-Length: 2\r\n\r\nok',
    )
    client.socket.destroy()
  })
})

describe('Expect: 100-continue (RFC 9110 §10.1.1)', () => {
  it('a replica that refuses before the body comes: its answer, and the connection ends, since a body may follow or not', async () => {
    const { port, seen } = await scripted((socket) =>
      socket.write('HTTP/1.1 417 No\r\nContent-Length: 2\r\n\r\nno'),
    )
    const client = new RawClient(port)
    client.send(`${post}Expect: 100-continue\r\nContent-Length: 3\r\n\r\n`)
    expect(await client.untilEnd()).toMatch(/^HTTP\/1\.1 417 No\r\n[^]*Connection: close\r\n\r\nno$/)
    expect(seen()).toContain('Expect: 100-continue')
  })

  it('is not passed on for HTTP/1.0, whose clients know no 100, and neither is a 100 passed back', async () => {
    const { port, seen } = await scripted((socket) => socket.write(`HTTP/1.1 100 Continue\r\n\r\n${ok}`))
    const client = new RawClient(port)
    client.send('POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc')
    expect(await client.untilEnd()).toMatch(/^HTTP\/1\.1 200 OK/)
    expect(seen()).not.toMatch(/expect/i)
  })
})

describe('trailers of a request (RFC 9110 §6.5)', () => {
  it('go to the replica as they came, where they neither frame, route nor authenticate', async () => {
    const body = '3;e=1\r\nabc\r\n0\r\nX-Sum: 1\r\nGrpc-Status: 0\r\n\r\n'
    const { port, seen } = await scripted((socket, text) => {
      if (readRequests(text).requests.length === 1) socket.write(ok)
    })
    const client = new RawClient(port)
    client.send(`${post}Trailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n${body}`)
    await client.untilText('ok')
    expect(seen()).toContain('Trailer: X-Sum\r\n')
    expect(seen().endsWith(`\r\n\r\n${body}`)).toBe(true)
    client.socket.destroy()
  })
})

describe('pipelining (RFC 9112 §9.3.2)', () => {
  it('answers mixed methods in order, whether or not their answers have bodies', async () => {
    const answers: Readonly<Record<string, string>> = {
      HEAD: 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n',
      GET: 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nget',
      POST: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\npost\r\n0\r\n\r\n',
      DELETE: 'HTTP/1.1 204 No Content\r\n\r\n',
      PUT: 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n',
    }
    const { port } = await scripted((socket, text) => {
      const { requests, rest } = readRequests(text)
      if (rest === 'whole') socket.write(answers[requests.at(-1)?.method ?? ''] ?? '')
    })
    const order = ['HEAD', 'GET', 'DELETE', 'POST', 'HEAD', 'PUT', 'GET']
    const client = new RawClient(port)
    client.send(
      order.map((method) => `${method} / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc`).join(''),
    )
    const expected = order.map((method) => answers[method] ?? '').join('')
    await until('all answers', () => client.text.length >= expected.length)
    expect(client.text).toBe(expected)
    client.socket.destroy()
  })
})

describe('a client that leaves', () => {
  it.each([
    ['before its body is whole', `${post}Content-Length: 9\r\n\r\nabc`, ''],
    ['in the middle of a chunk', `${post}Transfer-Encoding: chunked\r\n\r\n9\r\nabc`, ''],
    ['before the answer', get, ''],
    ['after an interim answer', get, 'HTTP/1.1 103 Early Hints\r\n\r\n'],
    ['in the middle of the answer', get, 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc'],
    [
      'in the middle of a chunked answer',
      get,
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc',
    ],
  ])(
    '%s: the replica is told by the end of its connection, and nothing is counted any more',
    async (_phase, bytes, answer) => {
      const replica = await scripted((socket) => socket.write(answer))
      const client = new RawClient(replica.port)
      client.send(bytes)
      await until('the replica has it', () => replica.seen() !== '')
      await until('its answer so far', () => client.text.length === answer.length)
      expect(replica.open()).toBe(1)
      client.socket.destroy()
      await until('the replica is told', () => replica.open() === 0)
      await untilNothingInFlight(replica)
    },
  )

  it('half-closed counts as gone, as nginx and Node read it: the replica is told', async () => {
    const replica = await scripted(() => undefined)
    const client = new RawClient(replica.port)
    client.send(get)
    await until('the replica has it', () => replica.seen() !== '')
    client.socket.end()
    await until('the replica is told', () => replica.open() === 0)
    expect(await client.untilEnd()).toBe('')
    await untilNothingInFlight(replica)
  })

  it('half-closed between requests: the connection ends, the answers before it are whole', async () => {
    const { port } = await scripted((socket) => socket.write(ok))
    const client = new RawClient(port)
    client.send(get)
    await client.untilText('\r\n\r\nok')
    client.socket.end()
    expect(await client.untilEnd()).toBe(ok)
  })
})

describe('a slow reader', () => {
  it('holds the replica back: what waits is bounded by socket buffers, not by the answer', async () => {
    const size = 400 * 1024 * 1024
    const part = Buffer.alloc(64 * 1024, 'x')
    let taken = 0
    const { port, gateway } = await scripted((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`)
      const more = (): void => {
        while (taken < size && socket.write(part)) taken += part.length
      }
      socket.on('drain', more)
      more()
    })
    const client = new RawClient(port)
    client.socket.pause()
    client.send(get)
    let before = -1
    let calm = 0
    await until('the replica is held back', () => {
      calm = taken === before && taken > 0 ? calm + 1 : 0
      before = taken
      return calm > 40
    })
    // Two hops of kernel buffers (tcp_wmem and tcp_rmem: 10 MB each at the most) and one read.
    expect(taken).toBeLessThan(40 * 1024 * 1024)
    expect(gateway.status().inFlight).toEqual({ r0: 1 })
    client.socket.destroy()
  })
})
