import type { ServerResponse } from 'node:http'
import * as fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { ProcessShare } from '../src/replica-state.ts'
import { freePort, httpUpstream, RawClient, rawUpstream, startGateway, tableOf, until } from './harness.ts'
import type { Routed, RouteChange, TestGateway, Upstream } from './harness.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

const parking = { maxRequests: 100, timeoutSeconds: 60 }

async function gatewayFor(
  upstreams: readonly (Routed | Upstream)[],
  service: RouteChange['service'] = { parking },
): Promise<TestGateway> {
  const gateway = await startGateway(upstreams, { service })
  cleanups.push(() => gateway.close())
  return gateway
}

interface Held extends Upstream {
  /** What waits for an answer, oldest first. */
  readonly open: { readonly url: string; readonly response: ServerResponse }[]
  /** Most that it had at once. */
  readonly peak: () => number
}

/** A replica that answers when told to. */
async function holding(): Promise<Held> {
  const open: { url: string; response: ServerResponse }[] = []
  let peak = 0
  const upstream = await httpUpstream((incoming, response) => {
    incoming.resume()
    incoming.on('end', () => {
      const one = { url: incoming.url ?? '', response }
      open.push(one)
      peak = Math.max(peak, open.length)
      response.on('close', () => {
        if (open.includes(one)) open.splice(open.indexOf(one), 1)
      })
    })
  })
  cleanups.push(() => upstream.kill())
  return { ...upstream, open, peak: () => peak }
}

function ask(port: number, path: string, method = 'GET'): RawClient {
  const client = new RawClient(port)
  const length = method === 'POST' ? 'Content-Length: 4\r\n' : ''
  client.send(`${method} ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${length}\r\n`)
  if (method === 'POST') client.send('body')
  return client
}

function answer({ open }: Held): string {
  const [first] = open.splice(0, 1)
  first?.response.end('ok')
  return first?.url ?? ''
}

const parkedIn = ({ gateway }: TestGateway): number => gateway.status().parked?.['svc_1'] ?? 0

describe('invariant 18: a request for which no replica has room', () => {
  it('waits, stands in the list of those in flight without a replica, and the worker is told at once', async () => {
    const plane = await gatewayFor([])
    const clients = ['/a', '/b'].map((path) => ask(plane.port, path, 'POST'))
    await until('two that wait', () => parkedIn(plane) === 2)
    expect(plane.woken).toEqual(['svc_1'])
    expect(plane.gateway.plane.inFlight.lasting(-1)).toMatchObject([
      { path: '/a', replicaUid: null },
      { path: '/b', replicaUid: null },
    ])
    expect(plane.gateway.status().inFlightByService).toEqual({})
    const replica = await holding()
    await plane.route([replica], { service: { parking } })
    await until('both', () => replica.open.length === 2)
    expect(replica.open.map(({ url }) => url)).toEqual(['/a', '/b'])
    expect(parkedIn(plane)).toBe(0)
    expect(plane.gateway.status()).toMatchObject({ inFlight: { r0: 2 }, inFlightByService: { svc_1: 2 } })
    while (replica.open.length > 0) answer(replica)
    for (const client of clients) expect(await client.untilEnd()).toContain('200 OK')
    expect(plane.gateway.plane.inFlight.count).toBe(0)
  })

  it('is not read on: what a client sends while it waits stays in its socket', async () => {
    const plane = await gatewayFor([])
    const client = new RawClient(plane.port)
    const size = 30_000_000
    client.send(`PUT / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: ${size}\r\n\r\n`)
    await until('it waits', () => parkedIn(plane) === 1)
    client.socket.write(Buffer.alloc(size))
    let left = size
    let leftSince = performance.now()
    // What leaves the client ends up in the kernel's buffers, until those are full.
    await until('nothing moves', () => {
      const { writableLength } = client.socket
      if (writableLength !== left) leftSince = performance.now()
      left = writableLength
      return performance.now() - leftSince > 300
    })
    expect(client.socket.writableLength).toBeGreaterThan(size / 2)
    let received = 0
    const replica = await httpUpstream((incoming, response) => {
      incoming.on('data', (part: Buffer) => (received += part.length))
      incoming.on('end', () => response.end('whole'))
    })
    cleanups.push(() => replica.kill())
    await plane.route([replica])
    expect(await client.untilEnd()).toContain('whole')
    expect(received).toBe(size)
  })

  it('whose client leaves is dropped at once', async () => {
    const plane = await gatewayFor([])
    const clients = ['/a', '/b', '/c'].map((path) => ask(plane.port, path))
    await until('three that wait', () => parkedIn(plane) === 3)
    clients[0]?.socket.destroy()
    clients[1]?.socket.resetAndDestroy()
    await until('one that waits', () => parkedIn(plane) === 1)
    const replica = await holding()
    await plane.route([replica])
    await until('the third', () => replica.open.length === 1)
    expect(answer(replica)).toBe('/c')
    await clients[2]?.untilEnd()
    expect(plane.gateway.plane.inFlight.count).toBe(0)
  })

  it('gets 429 with Retry-After when too many wait, and 503 with Retry-After when it waited too long', async () => {
    const plane = await gatewayFor([], { parking: { maxRequests: 2, timeoutSeconds: 0.3 } })
    const waiting = [ask(plane.port, '/a'), ask(plane.port, '/b')]
    await until('two that wait', () => parkedIn(plane) === 2)
    expect(await ask(plane.port, '/c').untilEnd()).toMatch(
      /^HTTP\/1.1 429 Too Many Requests\r\n[^]*\r\nRetry-After: \d+\r\n/,
    )
    for (const client of waiting) {
      expect(await client.untilEnd()).toMatch(
        /^HTTP\/1.1 503 Service Unavailable\r\n[^]*\r\nRetry-After: \d+\r\n/,
      )
    }
    expect(parkedIn(plane)).toBe(0)
    expect(plane.gateway.plane.inFlight.count).toBe(0)
  })

  it('gets 503 at once where requests do not wait', async () => {
    const plane = await gatewayFor([], {})
    expect(await ask(plane.port, '/').untilEnd()).toContain('503 Service Unavailable: no replica is ready')
    expect(plane.woken).toEqual([])
  })

  it('gets 503 when its service goes, and the closed answer when it closes', async () => {
    const plane = await gatewayFor([])
    const first = ask(plane.port, '/a')
    await until('it waits', () => parkedIn(plane) === 1)
    const closed = { reason: 'PAUSED', message: 'hello is paused', opensAtMs: null } as const
    await plane.route([], { service: { parking, closed } })
    expect(await first.untilEnd()).toMatch(/503 Service[^]*Retry-After: 60\r\n[^]*\r\n\r\nhello is paused$/)
    await plane.route([])
    const second = ask(plane.port, '/b')
    await until('it waits', () => parkedIn(plane) === 1)
    await plane.gateway.apply({ ...tableOf({ version: 99, port: plane.port, upstreams: [] }), services: [] })
    expect(await second.untilEnd()).toContain('503 Service Unavailable')
    expect(plane.gateway.plane.inFlight.count).toBe(0)
  })
})

describe('invariant 14: those that wait are let go', () => {
  it('no faster than a replica answers, when it comes up from zero', async () => {
    const plane = await gatewayFor([])
    const clients = Array.from({ length: 60 }, (_, i) => ask(plane.port, `/${i}`))
    await until('all wait', () => parkedIn(plane) === 60)
    const replica = await holding()
    await plane.route([replica])
    await until('the first eight', () => replica.open.length === 8)
    await until('a sweep', () => parkedIn(plane) === 52)
    expect(replica.peak()).toBe(8)
    const order: string[] = []
    while (order.length < 60) {
      await until('the next', () => replica.open.length > 0)
      order.push(answer(replica))
      expect(plane.gateway.status().inFlight['r0'] ?? 0).toBeLessThanOrEqual(8 + order.length)
    }
    expect(order.slice(0, 8).toSorted()).toEqual(['/0', '/1', '/2', '/3', '/4', '/5', '/6', '/7'])
    for (const client of clients) expect(await client.untilEnd()).toContain('200 OK')
  })

  it('one for each that ends, under a limit for each replica, in order', async () => {
    const limited = { parking, maxConcurrencyPerReplica: 2 }
    const replica = await holding()
    const plane = await gatewayFor([replica], limited)
    const clients: RawClient[] = []
    for (let i = 0; i < 7; i += 1) {
      clients.push(ask(plane.port, `/${i}`))
      const inFlight = (): number => plane.gateway.plane.inFlight.count
      await until('it is there', () => inFlight() === i + 1)
    }
    expect(parkedIn(plane)).toBe(5)
    for (let i = 0; i < 7; i += 1) {
      await until('two at the replica', () => replica.open.length === Math.min(2, 7 - i))
      expect(answer(replica)).toBe(`/${i}`)
    }
    for (const client of clients) expect(await client.untilEnd()).toContain('200 OK')
    expect(replica.peak()).toBe(2)
  })

  it('also while those before go on for ever, as long as the replica answers', async () => {
    const plane = await gatewayFor([])
    const clients = Array.from({ length: 30 }, (_, i) => ask(plane.port, `/${i}`))
    await until('all wait', () => parkedIn(plane) === 30)
    const stream = await httpUpstream((_incoming, response) => void response.write('first'))
    cleanups.push(() => stream.kill())
    await plane.route([stream])
    for (const client of clients) await client.untilText('first')
    expect(plane.gateway.status().inFlight).toEqual({ r0: 30 })
    for (const client of clients) client.socket.destroy()
  })

  it('to nobody that is ejected, until it is back', async () => {
    const port = await freePort()
    const plane = await gatewayFor([{ port }])
    const client = ask(plane.port, '/late', 'POST')
    await until('it waits', () => parkedIn(plane) === 1)
    expect(plane.gateway.status().ejected).toHaveLength(1)
    expect(plane.gateway.plane.inFlight.lasting(-1)).toMatchObject([{ path: '/late', replicaUid: null }])
    const replica = await holding()
    await plane.route([replica])
    await until('it', () => replica.open.length === 1)
    answer(replica)
    expect(await client.untilEnd()).toContain('200 OK')
  })

  it('shared evenly among the processes, at least one each', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.integer({ min: 1, max: 64 }), (total, count) => {
        const parts = Array.from({ length: count }, (_, rank) => new ProcessShare(rank, count).of(total))
        const sum = parts.reduce((all, part) => all + part, 0)
        expect(sum).toBe(total === 0 ? 0 : Math.max(total, count))
        expect(Math.max(...parts) - Math.min(...parts)).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('and a gateway takes its part when a sibling serves too', async () => {
    const replica = await holding()
    const plane = await gatewayFor([replica], { parking, maxConcurrencyPerReplica: 4 })
    plane.gateway.siblings = [
      { slot: 0, pid: 1 },
      { slot: 1, pid: 2 },
    ]
    const clients = Array.from({ length: 6 }, (_, i) => ask(plane.port, `/${i}`))
    await until('four wait', () => parkedIn(plane) === 4)
    plane.gateway.siblings = [{ slot: 0, pid: 1 }]
    await until('two wait', () => parkedIn(plane) === 2)
    await until('four at the replica', () => replica.open.length === 4)
    expect(replica.peak()).toBe(4)
    for (const client of clients) client.socket.destroy()
  })
})

describe('losing a replica while requests may wait', () => {
  it('invariant 8: an idempotent request outlives the only replica, any other does not', async () => {
    const seen: string[] = []
    const dying = await rawUpstream((socket) => {
      socket.on('data', (bytes: Buffer) => {
        seen.push(bytes.toString('latin1').slice(0, 4))
        if (seen.length === 2) for (const each of dying.sockets) each.resetAndDestroy()
      })
    })
    cleanups.push(() => dying.kill())
    const plane = await gatewayFor([dying])
    const [get, post] = [ask(plane.port, '/get'), ask(plane.port, '/post', 'POST')]
    expect(await post.untilEnd()).toContain('502 Bad Gateway')
    await until('the other waits', () => parkedIn(plane) === 1)
    const replica = await holding()
    await plane.route([{ port: replica.port, uid: 'next' }])
    await until('it', () => replica.open.length === 1)
    answer(replica)
    expect(await get.untilEnd()).toContain('200 OK')
    expect(seen.toSorted()).toEqual(['GET ', 'POST'])
  })

  it('a replica that closes without a word is not asked again', async () => {
    let count = 0
    const plane = await gatewayFor([
      await rawUpstream((socket) => {
        socket.on('data', () => {
          count += 1
          if (count === 1) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
          else socket.end()
        })
      }),
    ])
    const client = new RawClient(plane.port)
    client.send('GET /1 HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.untilText('ok')
    client.send('GET /2 HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.untilText('502 Bad Gateway')
    expect(count).toBe(2)
    client.socket.destroy()
  })
})
