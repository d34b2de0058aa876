import { latencyBoundsMs } from '@skykeep/core/routes'
import type { SecondCounts } from '@skykeep/core/routes'
import { afterEach, describe, expect, it } from 'vitest'
import { freePort, httpUpstream, RawClient, rawUpstream, startGateway, until } from './harness.ts'
import type { RouteChange, Routed, TestGateway, Upstream } from './harness.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

async function gatewayFor(
  upstreams: readonly (Routed | Upstream)[],
  service: RouteChange['service'] = {},
): Promise<TestGateway> {
  const gateway = await startGateway(upstreams, { service })
  cleanups.push(() => gateway.close())
  return gateway
}

async function answering(text: string): Promise<Upstream> {
  const upstream = await httpUpstream((incoming, response) => {
    incoming.resume()
    response.end(text)
  })
  cleanups.push(() => upstream.kill())
  return upstream
}

async function dying(): Promise<Upstream> {
  const upstream = await rawUpstream((socket) => {
    socket.on('data', () => socket.resetAndDestroy())
  })
  cleanups.push(() => upstream.kill())
  return upstream
}

async function ask(port: number, method = 'GET'): Promise<string> {
  const client = new RawClient(port)
  client.send(`${method} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
  return client.untilEnd()
}

/** All that was counted, by version, once the running second is over. */
async function countsOf({ gateway }: TestGateway): Promise<Map<number, SecondCounts[]>> {
  const { counts } = gateway.plane
  const second = counts.closedSecond + 1
  await until('the end of the second', () => counts.closedSecond >= second)
  return Map.groupBy(counts.after(0).counts, ({ version }) => version ?? -1)
}

const sum = (seconds: readonly SecondCounts[] | undefined, of: (one: SecondCounts) => number): number =>
  (seconds ?? []).reduce((all, one) => all + of(one), 0)

describe('a service that is closed', () => {
  const closed = { reason: 'OFF_HOURS', message: 'hello is closed until eight – bis acht' } as const

  it('answers 503 with its message and when to come again; what is in flight goes on', async () => {
    const slow = await rawUpstream((socket) => {
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha'))
    })
    cleanups.push(() => slow.kill())
    const plane = await gatewayFor([slow])
    const client = new RawClient(plane.port)
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.untilText('ha')
    const opensAtMs = Date.now() + 90_000
    await plane.route([slow], { service: { closed: { ...closed, opensAtMs } } })
    const answer = await ask(plane.port, 'POST')
    expect(answer).toMatch(/^HTTP\/1.1 503 Service Unavailable\r\nContent-Type: text\/plain/)
    expect(Number(/Retry-After: (\d+)/.exec(answer)?.[1])).toBeGreaterThan(80)
    const body = answer.slice(answer.indexOf('\r\n\r\n') + 4)
    expect(Buffer.from(body, 'latin1').toString()).toBe(closed.message)
    for (const socket of slow.sockets) socket.write('lf')
    await client.untilText('half')
    client.received = Buffer.alloc(0)
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.untilText('503')
    client.socket.destroy()
    await plane.route([await answering('open again')])
    expect(await ask(plane.port)).toContain('open again')
  })

  it('says at least a second when it should be open, and a minute when nobody knows', async () => {
    const plane = await gatewayFor([], { closed: { ...closed, opensAtMs: 1 } })
    expect(await ask(plane.port)).toContain('Retry-After: 1\r\n')
    await plane.route([], { service: { closed: { ...closed, opensAtMs: null } } })
    expect(await ask(plane.port)).toContain('Retry-After: 60\r\n')
    expect(sum((await countsOf(plane)).get(0), ({ failed }) => failed)).toBe(0)
  })
})

describe('a split by version', () => {
  const split = [
    { versions: [1, 2], percent: 90 },
    { versions: [3], percent: 10 },
  ]

  it('gives each its share, and a lost group’s share to the others, also on a retry', async () => {
    const [one, two, three] = await Promise.all([answering('one'), answering('two'), answering('three')])
    const routed = [
      { port: one.port, version: 1 },
      { port: two.port, version: 2 },
      { port: three.port, version: 3 },
    ]
    const plane = await gatewayFor(routed, { split, policy: 'round_robin' })
    const seen = new Map<string, number>()
    for (let i = 0; i < 100; i += 1) {
      const answer = /\w+$/.exec(await ask(plane.port))?.[0] ?? ''
      seen.set(answer, (seen.get(answer) ?? 0) + 1)
    }
    expect(seen.get('three')).toBe(10)
    expect((seen.get('one') ?? 0) + (seen.get('two') ?? 0)).toBe(90)
    await three.kill()
    for (let i = 0; i < 20; i += 1) expect(await ask(plane.port)).toMatch(/one|two/)
    const counts = await countsOf(plane)
    expect(sum(counts.get(0), ({ started }) => started)).toBe(120)
    expect([1, 2, 3].map((version) => sum(counts.get(version), ({ ended }) => ended))[2]).toBe(10)
  })
})

describe('instance_aware_least_load', () => {
  it('gives a replica that can take three times as much three times as many at once', async () => {
    const [small, large] = await Promise.all([rawUpstream(() => undefined), rawUpstream(() => undefined)])
    cleanups.push(
      () => small.kill(),
      () => large.kill(),
    )
    const plane = await gatewayFor(
      [
        { port: small.port, targetQps: 2 },
        { port: large.port, targetQps: 6 },
      ],
      { policy: 'instance_aware_least_load' },
    )
    const clients = Array.from({ length: 16 }, () => {
      const client = new RawClient(plane.port)
      client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      return client
    })
    await until('all', () => plane.gateway.plane.inFlight.count === 16)
    expect(plane.gateway.status().inFlight).toEqual({ r0: 4, r1: 12 })
    for (const client of clients) client.socket.destroy()
    await until('none', () => plane.gateway.plane.inFlight.count === 0)
    expect(plane.gateway.status().inFlight).toEqual({})
  })
})

describe('dstack 11 #10: counts by the identity of a replica', () => {
  it('are never below nothing and are given back whatever ends a request, also after the replica went', async () => {
    const upstream = await rawUpstream((socket) => {
      socket.on('data', (bytes: Buffer) => {
        if (bytes.includes('/answer')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n')
        if (bytes.includes('/garbage')) socket.write('garbage\r\n\r\n')
        if (bytes.includes('/reset')) socket.resetAndDestroy()
        if (bytes.includes('/cut')) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nha')
      })
    })
    cleanups.push(() => upstream.kill())
    const plane = await gatewayFor([upstream])
    const counted = (): number => plane.gateway.status().inFlight['r0'] ?? 0
    for (const path of ['/answer', '/garbage', '/reset', '/cut']) {
      const client = new RawClient(plane.port)
      client.send(`POST ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
      await client.untilEnd()
      expect(counted()).toBe(0)
    }
    const gone = [new RawClient(plane.port), new RawClient(plane.port), new RawClient(plane.port)]
    for (const client of gone) client.send('POST /quiet HTTP/1.1\r\nHost: a\r\n\r\n')
    await until('three', () => counted() === 3)
    gone[0]?.socket.resetAndDestroy()
    await until('two', () => counted() === 2)
    // The same address under another name is another replica.
    await plane.route([{ port: upstream.port, uid: 'r1' }])
    expect(plane.gateway.status().inFlight).toEqual({ r0: 2 })
    for (const client of gone) client.socket.destroy()
    await until('none', () => plane.gateway.plane.inFlight.count === 0)
    expect(plane.gateway.status().inFlight).toEqual({})
  })
})

describe('counts by version', () => {
  it('a request ends on the version that it reached last, or on none; durations go by the bounds', async () => {
    const bad = await dying()
    const good = await answering('ok')
    const plane = await gatewayFor(
      [
        { port: bad.port, version: 4 },
        { port: good.port, version: 5 },
      ],
      { policy: 'round_robin' },
    )
    expect(await ask(plane.port)).toContain('200 OK')
    await plane.route([{ port: bad.port, version: 4, uid: 'again' }])
    expect(await ask(plane.port, 'POST')).toContain('502')
    await plane.route([{ port: await freePort(), version: 6, uid: 'none' }])
    expect(await ask(plane.port, 'POST')).toContain('503')
    const counts = await countsOf(plane)
    const told = [0, 4, 5, 6].map((version) => {
      const seconds = counts.get(version)
      return [
        sum(seconds, ({ started }) => started),
        sum(seconds, ({ ended }) => ended),
        sum(seconds, ({ failed }) => failed),
      ]
    })
    expect(told).toEqual([
      [3, 1, 1],
      [0, 1, 1],
      [0, 1, 0],
      [0, 0, 0],
    ])
    const [second] = counts.get(5) ?? []
    expect(second?.latency).toHaveLength(latencyBoundsMs.length + 1)
    expect(second?.latency?.reduce((all, one) => all + one, 0)).toBe(1)
  })
})
