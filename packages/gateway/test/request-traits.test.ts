import type { ServiceRoute } from '@skykeep/core/routes'
import { afterEach, describe, expect, it } from 'vitest'
import { RequestHead } from '../src/request-head.ts'
import { promptWaitMs, TraitsReader } from '../src/request-traits.ts'
import { freePort, httpUpstream, RawClient, rawUpstream, startGateway, tableOf, until } from './harness.ts'
import type { Routed, TestGateway, Upstream } from './harness.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

async function gatewayFor(replicas: readonly Routed[], service: Partial<ServiceRoute>): Promise<TestGateway> {
  const gateway = await startGateway(replicas, { service })
  cleanups.push(() => gateway.close())
  return gateway
}

/** Each answers with its number and how many bytes of body it got. */
async function numbered(count: number): Promise<readonly Upstream[]> {
  const upstreams = await Promise.all(
    Array.from({ length: count }, (_, at) =>
      httpUpstream((incoming, response) => {
        let length = 0
        incoming.on('data', (chunk: Buffer) => (length += chunk.length))
        incoming.on('end', () => response.end(`at ${at} got ${length}`))
      }),
    ),
  )
  cleanups.push(...upstreams.map((upstream) => () => upstream.kill()))
  return upstreams
}

const byHash = (hash: Omit<NonNullable<ServiceRoute['hash']>, 'loadFactor'>): Partial<ServiceRoute> => ({
  policy: 'consistent_hash',
  hash: { ...hash, loadFactor: 1.25 },
})

async function ask(port: number, head: string, body = ''): Promise<string> {
  const client = new RawClient(port)
  client.send(`${head}\r\nHost: a\r\nConnection: close\r\n\r\n${body}`)
  return /at \d+ got \d+|HTTP\/1.1 [45]\d\d/.exec(await client.untilEnd())?.[0] ?? ''
}

/** Who answers each of many requests, and how many different ones do. */
async function answerers(port: number, heads: readonly string[]): Promise<{ all: string[]; count: number }> {
  const all: string[] = []
  for (const head of heads) all.push(await ask(port, head))
  return { all, count: new Set(all).size }
}

const many = (line: (at: number) => string, count = 24): string[] =>
  Array.from({ length: count }, (_, at) => line(at))

describe('requests are hashed by', () => {
  it('a header’s value; without it they go in turn', async () => {
    const { port } = await gatewayFor(await numbered(4), byHash({ by: 'header', name: 'X-Session' }))
    const same = many((at) => `GET /${at} HTTP/1.1\r\nx-SESSION:  alice \r\nX-Session: ${at}`)
    expect((await answerers(port, same)).count).toBe(1)
    const others = many((at) => `GET / HTTP/1.1\r\nX-Session: ${at}`)
    const first = await answerers(port, others)
    expect(first.count).toBe(4)
    expect(await answerers(port, others)).toEqual(first)
    const without = many(() => 'GET / HTTP/1.1\r\nX-Session-Id: alice\r\nX-Sessio: alice', 4)
    expect((await answerers(port, without)).count).toBe(4)
    expect(
      (
        await answerers(
          port,
          many(() => 'GET / HTTP/1.1\r\nX-Session:', 4),
        )
      ).count,
    ).toBe(4)
  })

  it('a cookie’s value, in whatever place it stands', async () => {
    const { port } = await gatewayFor(await numbered(4), byHash({ by: 'cookie', name: 'sid' }))
    const heads = many((at) => `GET / HTTP/1.1\r\nCookie: a=${at}; xsid=${at};sid=one; sid=${at}`)
    const first = await answerers(port, heads)
    expect(first.count).toBe(1)
    expect((await answerers(port, ['GET / HTTP/1.1\r\nCookie: sid=one'])).all[0]).toBe(first.all[0])
    expect(
      (
        await answerers(
          port,
          many((at) => `GET / HTTP/1.1\r\nCookie: sid=${at}`),
        )
      ).count,
    ).toBe(4)
    expect(
      (
        await answerers(
          port,
          many(() => 'GET / HTTP/1.1\r\nCookie: sid; xsid=1', 4),
        )
      ).count,
    ).toBe(4)
  })

  it('the path without its query, and the client’s address', async () => {
    const upstreams = await numbered(4)
    const plane = await gatewayFor(upstreams, byHash({ by: 'path' }))
    expect(
      (
        await answerers(
          plane.port,
          many((at) => `GET /a?n=${at} HTTP/1.1`),
        )
      ).count,
    ).toBe(1)
    expect(
      (
        await answerers(
          plane.port,
          many((at) => `GET /a/${at} HTTP/1.1`),
        )
      ).count,
    ).toBe(4)
    await plane.route(upstreams, { service: byHash({ by: 'client_address' }) })
    expect(
      (
        await answerers(
          plane.port,
          many((at) => `GET /${at} HTTP/1.1`),
        )
      ).count,
    ).toBe(1)
  })

  it('the same key goes elsewhere while its replica is over its part, and comes back', async () => {
    const held: (() => void)[] = []
    const upstreams = await Promise.all(
      [0, 1, 2].map((at) =>
        httpUpstream((incoming, response) => {
          incoming.resume()
          if (incoming.url === '/held') held.push(() => response.end())
          else response.end(`at ${at} got 0`)
        }),
      ),
    )
    cleanups.push(...upstreams.map((upstream) => () => upstream.kill()))
    const plane = await gatewayFor(upstreams, byHash({ by: 'header', name: 'X-Session' }))
    const owner = await ask(plane.port, 'GET / HTTP/1.1\r\nX-Session: alice')
    const clients = many(() => 'GET /held HTTP/1.1\r\nX-Session: alice\r\nHost: a\r\n\r\n', 9).map((text) => {
      const client = new RawClient(plane.port)
      client.send(text)
      return client
    })
    await until('all nine', () => held.length === 9)
    // ceil(1.25 * 9 / 3) at most, and no more than ceil(1.25 * n / 3) when there were n.
    expect(Math.max(...Object.values(plane.gateway.status().inFlight))).toBe(4)
    for (const end of held) end()
    await until('none', () => plane.gateway.plane.inFlight.count === 0)
    expect(await ask(plane.port, 'GET / HTTP/1.1\r\nX-Session: alice')).toBe(owner)
    for (const client of clients) client.socket.destroy()
  })
})

describe('requests are hashed by their prompt', () => {
  const prompted = byHash({ by: 'prompt', prefixBytes: 16 })
  const head = (length: number, more = ''): string =>
    `POST /v1/completions HTTP/1.1\r\nContent-Type: application/json; charset=utf-8\r\nContent-Length: ${length}${more}`
  const bodyOf = (prompt: string): string => JSON.stringify({ model: 'm', prompt })

  it('with the body behind the head, or after it in pieces, of any length; each byte arrives', async () => {
    const { port } = await gatewayFor(await numbered(4), prompted)
    const seen = new Set<string>()
    for (const length of [0, 1, 1000, 60_000, 300_000]) {
      const body = bodyOf(`You are a helper${'x'.repeat(length)}`)
      const answer = await ask(port, head(body.length), body)
      expect(answer).toContain(`got ${body.length}`)
      seen.add(answer.slice(0, 4))
      const client = new RawClient(port)
      client.send(`${head(body.length)}\r\nHost: a\r\n\r\n`)
      for (const cut of [0, 20, 30, 40]) {
        client.send(body.slice(cut, cut === 40 ? body.length : cut + (cut === 0 ? 20 : 10)))
        await new Promise((resolve) => setImmediate(resolve))
      }
      await client.untilText(`got ${body.length}`)
      client.socket.destroy()
    }
    expect(seen.size).toBe(1)
    const others = new Set<string>()
    for (let at = 0; at < 24; at += 1) {
      const body = bodyOf(`${at} is my number, what is yours?`)
      others.add((await ask(port, head(body.length), body)).slice(0, 4))
    }
    expect(others.size).toBe(4)
  })

  it('is waited for only where a JSON body is on its way whose length is known', () => {
    const awaits = (fields: string): boolean => {
      const scanned = new RequestHead()
      if (!scanned.scan(`POST / HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n`)) throw new Error(scanned.fault)
      const { services } = tableOf({ version: 1, port: 1, upstreams: [], service: prompted })
      const traits = { hashKey: -1, isPinned: false, awaitsPrompt: false }
      for (const route of services) TraitsReader.of(route)?.read(scanned, '', traits)
      return traits.awaitsPrompt
    }
    const json = 'Content-Type: application/vnd.x+JSON; charset=utf-8'
    expect(awaits(`${json}\r\nContent-Length: 9`)).toBe(true)
    expect(awaits(`${json}\r\nContent-Length: 9\r\nExpect: 100-continue`)).toBe(false)
    expect(awaits(`${json}\r\nTransfer-Encoding: chunked`)).toBe(false)
    expect(awaits(`${json}\r\nContent-Length: 0`)).toBe(false)
    expect(awaits('Content-Type: text/plain\r\nContent-Length: 9')).toBe(false)
    expect(awaits('Content-Length: 9')).toBe(false)
  })

  it('a body that does not come is not waited for, and one that is no JSON, is chunked or waits for 100 goes on its way', async () => {
    const replica = await rawUpstream((socket) => socket.on('data', () => undefined))
    cleanups.push(() => replica.kill())
    const { port, gateway } = await gatewayFor([replica], prompted)
    const { inFlight } = gateway.plane
    const reached = async (text: string): Promise<void> => {
      const client = new RawClient(port)
      client.send(text)
      await until('a request at the replica', () => gateway.status().inFlight['r0'] === 1)
      client.socket.destroy()
      await until('its end', () => inFlight.count === 0)
      expect(gateway.status()).toMatchObject({ inFlight: {}, inFlightByService: {} })
    }
    await reached(`${head(500)}\r\nHost: a\r\n\r\n`)
    await reached(`${head(500)}\r\nHost: a\r\n\r\n{"prompt": "unfin`)
    await reached(`${head(500, '\r\nExpect: 100-continue')}\r\nHost: a\r\n\r\n`)
    await reached(
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
    )
    await reached('POST / HTTP/1.1\r\nHost: a\r\nContent-Type: text/plain\r\nContent-Length: 9\r\n\r\n')
  })

  it('a client that leaves while its prompt is waited for leaves no count behind, not even later', async () => {
    const replica = await rawUpstream(() => undefined)
    cleanups.push(() => replica.kill())
    const { port, gateway } = await gatewayFor([replica], prompted)
    const clients = Array.from({ length: 10 }, () => new RawClient(port))
    for (const client of clients) client.send(`${head(500)}\r\nHost: a\r\n\r\n{"pro`)
    await until('all', () => gateway.plane.inFlight.count > 0)
    for (const client of clients) client.socket.resetAndDestroy()
    await until('none', () => gateway.plane.inFlight.count === 0 && gateway.listeners.connectionCount === 0)
    // Set after theirs: when it fires, all of theirs have.
    await new Promise((resolve) => setTimeout(resolve, promptWaitMs))
    expect(gateway.status()).toMatchObject({ inFlight: {}, inFlightByService: {}, parked: {} })
    expect(gateway.plane.routes.serviceList[0]?.counter).toMatchObject({ inFlight: 0, parked: 0 })
  })

  it('another table while a prompt is waited for decides the request', async () => {
    const [upstream] = await numbered(1)
    if (upstream === undefined) throw new Error('one replica')
    const plane = await gatewayFor([upstream], prompted)
    const body = bodyOf('You are a helper')
    const client = new RawClient(plane.port)
    client.send(`${head(body.length)}\r\nHost: a\r\n\r\n`)
    await until('the request', () => plane.gateway.plane.inFlight.count === 1)
    await plane.route([upstream], { service: { policy: 'least_load' } })
    client.send(body)
    expect(await client.untilText(`at 0 got ${body.length}`)).toMatch(/^HTTP\/1.1 200 /)
    client.socket.destroy()
  })
})

describe('requests that carry the header of a canary', () => {
  const split = [
    { versions: [2], percent: 1, header: { name: 'X-Canary', value: '1' } },
    { versions: [1], percent: 99 },
  ]

  it('go to the new version, all of them; the others follow the share; without a replica there, as all others', async () => {
    const [old, fresh] = await numbered(2)
    if (old === undefined || fresh === undefined) throw new Error('two replicas')
    const routed = [
      { port: old.port, version: 1 },
      { port: fresh.port, version: 2 },
    ]
    const plane = await gatewayFor(routed, { split })
    const marked = many(() => 'GET / HTTP/1.1\r\nx-canary: 1')
    expect(new Set((await answerers(plane.port, marked)).all)).toEqual(new Set(['at 1 got 0']))
    const others = ['', '\r\nX-Canary: 2', '\r\nX-Canary: 11', '\r\nX-Canary-Too: 1', '\r\nX-Canary:']
    const heads = many((at) => `GET / HTTP/1.1${others[at % 5] ?? ''}`, 20)
    expect(new Set((await answerers(plane.port, heads)).all)).toEqual(new Set(['at 0 got 0']))
    await plane.route([
      { port: old.port, version: 1 },
      { port: await freePort(), uid: 'dead', version: 2 },
    ])
    expect(new Set((await answerers(plane.port, marked.slice(0, 3))).all)).toEqual(new Set(['at 0 got 0']))
  })

  it('wait for it while it is only busy, and hold up nobody behind them', async () => {
    const release: (() => void)[] = []
    const fresh = await httpUpstream((incoming, response) => {
      incoming.resume()
      release.push(() => response.end('at 1 got 0'))
    })
    const [old] = await numbered(1)
    if (old === undefined) throw new Error('one replica')
    cleanups.push(() => fresh.kill())
    const routed = [
      { port: old.port, version: 1 },
      { port: fresh.port, version: 2 },
    ]
    const parking = { maxRequests: 10, timeoutSeconds: 60 }
    const plane = await gatewayFor(routed, { split, parking, maxConcurrencyPerReplica: 1 })
    const marked = 'GET / HTTP/1.1\r\nX-Canary: 1'
    const first = ask(plane.port, marked)
    await until('the first at the new version', () => release.length === 1)
    const second = ask(plane.port, marked)
    await until('the second in the line', () => plane.gateway.status().parked?.['svc_1'] === 1)
    expect(await ask(plane.port, 'GET / HTTP/1.1')).toBe('at 0 got 0')
    release[0]?.()
    await until('the second at the new version', () => release.length === 2)
    release[1]?.()
    expect(await Promise.all([first, second])).toEqual(['at 1 got 0', 'at 1 got 0'])
  })
})
