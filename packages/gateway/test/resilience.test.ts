import { afterEach, describe, expect, it } from 'vitest'
import { freePort, httpUpstream, RawClient, rawUpstream, startGateway, until } from './harness.ts'
import type { Routed, RouteChange, TestGateway, Upstream } from './harness.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

async function gatewayFor(
  upstreams: readonly (Routed | Upstream)[],
  change: RouteChange = {},
): Promise<TestGateway> {
  const gateway = await startGateway(upstreams, change)
  cleanups.push(() => gateway.close())
  return gateway
}

/** A replica that takes requests and dies with them: each connection is cut once a whole head has come. */
async function dying(seen: string[]): Promise<Upstream> {
  const upstream = await rawUpstream((socket) => {
    socket.on('data', (bytes: Buffer) => {
      seen.push(bytes.toString('latin1'))
      socket.resetAndDestroy()
    })
  })
  cleanups.push(() => upstream.kill())
  return upstream
}

async function healthy(name: string, seen: string[] = []): Promise<Upstream> {
  const upstream = await httpUpstream((incoming, response) => {
    let body = ''
    incoming.on('data', (part: Buffer) => (body += part.toString()))
    incoming.on('end', () => {
      seen.push(`${incoming.method} ${body}`)
      response.end(name)
    })
  })
  cleanups.push(() => upstream.kill())
  return upstream
}

/** One request on a connection of its own. */
async function ask(port: number, method: string, body = ''): Promise<string> {
  const client = new RawClient(port)
  const length = body === '' ? '' : `Content-Length: ${body.length}\r\n`
  client.send(`${method} /path?secret=1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${length}\r\n${body}`)
  return client.untilEnd()
}

describe('invariant 8: losing a replica', () => {
  it.each(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])(
    'costs no %s: another replica answers',
    async (method) => {
      const seen: string[] = []
      const bad = await dying(seen)
      const { port, gateway } = await gatewayFor([bad, await healthy('good')], {
        service: { policy: 'round_robin' },
      })
      for (let i = 0; i < 4; i += 1)
        expect(await ask(port, method, method === 'PUT' ? 'body' : '')).toContain('200 OK')
      expect(seen.length).toBeGreaterThan(0)
      expect(gateway.plane.lost.reports()).toEqual([])
    },
  )

  it('a repeated body is the same body', async () => {
    const seen: string[] = []
    const { port } = await gatewayFor([await dying([]), await healthy('good', seen)], {
      service: { policy: 'round_robin' },
    })
    const body = 'b'.repeat(60_000)
    for (let i = 0; i < 2; i += 1) expect(await ask(port, 'PUT', body)).toContain('200 OK')
    expect(seen).toEqual([`PUT ${body}`, `PUT ${body}`])
  })

  it.each(['POST', 'PATCH', 'LOCK'])(
    'a %s gets 502, stands in the list, and is sent once',
    async (method) => {
      const bad: string[] = []
      const good: string[] = []
      const { port, gateway } = await gatewayFor([await dying(bad), await healthy('good', good)], {
        service: { policy: 'round_robin' },
      })
      const answers = [await ask(port, method, 'once'), await ask(port, method, 'once')]
      expect(answers.filter((answer) => answer.includes('502 Bad Gateway'))).toHaveLength(1)
      expect(bad).toHaveLength(1)
      expect(good).toHaveLength(1)
      const [report] = gateway.plane.lost.reports()
      expect(report?.requests).toHaveLength(1)
      expect(report?.requests[0]).toMatchObject({
        method,
        path: '/path',
        replicaUid: 'r0',
        cause: 'replica_lost',
      })
      expect(JSON.stringify(report)).not.toContain('secret')
    },
  )

  it('a POST to a replica that takes no connection goes to another: not one byte was sent', async () => {
    const { port, gateway } = await gatewayFor([{ port: await freePort() }, await healthy('good')], {
      service: { policy: 'round_robin' },
    })
    for (let i = 0; i < 4; i += 1) expect(await ask(port, 'POST', 'x'.repeat(200_000))).toContain('200 OK')
    expect(gateway.plane.lost.reports()).toEqual([])
    expect(gateway.status().ejected).toMatchObject([{ replicaUid: 'r0', reason: 'connect: ECONNREFUSED' }])
  })

  it('a request is never sent twice to one replica, however often it fails', async () => {
    const seen: string[] = []
    const { port } = await gatewayFor([await dying(seen)])
    expect(await ask(port, 'GET')).toContain('502 Bad Gateway')
    expect(seen).toHaveLength(1)
  })

  it('the retry budget is three', async () => {
    const seen: string[] = []
    const bad = await Promise.all(Array.from({ length: 6 }, () => dying(seen)))
    const { port } = await gatewayFor(bad)
    expect(await ask(port, 'GET')).toContain('502 Bad Gateway')
    expect(seen).toHaveLength(4)
  })

  it('a POST never rides a connection that was idle for more than 2 s; a GET does', async () => {
    const upstream = await rawUpstream((socket) => {
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'))
    })
    cleanups.push(() => upstream.kill())
    const { port } = await gatewayFor([upstream])
    const client = new RawClient(port)
    const connections: number[] = []
    let count = 0
    upstream.server.on('connection', () => (count += 1))
    for (const [method, pauseMs] of [
      ['GET', 0],
      ['POST', 200],
      ['GET', 2300],
      ['POST', 2300],
    ] as const) {
      const from = performance.now()
      await until('the pause', () => performance.now() - from >= pauseMs)
      client.received = Buffer.alloc(0)
      client.send(`${method} / HTTP/1.1\r\nHost: a\r\n\r\n`)
      await client.untilText('ok')
      connections.push(count)
    }
    expect(connections).toEqual([1, 1, 1, 2])
    client.socket.destroy()
  })

  it('a connection broken in the middle of an answer is listed, whatever the method', async () => {
    const upstream = await rawUpstream((socket) => {
      socket.on('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nsome')
        setTimeout(() => socket.destroy(), 50)
      })
    })
    cleanups.push(() => upstream.kill())
    const { port, gateway } = await gatewayFor([upstream])
    expect(await ask(port, 'GET')).toMatch(/some$/)
    expect(gateway.plane.lost.reports()[0]?.requests[0]).toMatchObject({
      kind: 'stream',
      cause: 'replica_lost',
    })
    expect(gateway.status().inFlight).toEqual({})
  })
})

describe('ejection', () => {
  it('takes a dead replica out at the first error and lets it back when it answers', async () => {
    const upstream = await healthy('one')
    const other = await healthy('two')
    const { port, gateway } = await gatewayFor([upstream, other], { service: { policy: 'round_robin' } })
    await ask(port, 'GET')
    await ask(port, 'GET')
    await upstream.kill()
    for (let i = 0; i < 6; i += 1) expect(await ask(port, 'GET')).toContain('two')
    expect(gateway.status().ejected.map(({ replicaUid }) => replicaUid)).toEqual(['r0'])
    await new Promise<void>((resolve) => upstream.server.listen(upstream.port, '127.0.0.1', resolve))
    await until('the probe', () => gateway.status().ejected.length === 0)
    const answers = [await ask(port, 'GET'), await ask(port, 'GET')]
    expect(answers.some((answer) => answer.includes('one'))).toBe(true)
  })

  it('still tries the last one, and says 503 when nothing was sent', async () => {
    const { port, gateway } = await gatewayFor([{ port: await freePort() }])
    for (let i = 0; i < 3; i += 1) expect(await ask(port, 'POST', 'x')).toContain('503 Service Unavailable')
    expect(gateway.status().ejected).toHaveLength(1)
    expect(gateway.plane.lost.reports()).toEqual([])
  })
})

describe('routes', () => {
  it('a draining replica finishes what it has and gets nothing new', async () => {
    const slow = await rawUpstream((socket) => {
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nha'))
    })
    cleanups.push(() => slow.kill())
    const { port, gateway, route } = await gatewayFor([slow])
    const client = new RawClient(port)
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.untilText('ha')
    const fresh = await healthy('fresh')
    await route([{ port: slow.port, isDraining: true }, fresh])
    for (let i = 0; i < 5; i += 1) expect(await ask(port, 'GET')).toContain('fresh')
    await route([{ port: fresh.port, uid: 'r1' }])
    expect(gateway.status().inFlight).toEqual({ r0: 1 })
    for (const socket of slow.sockets) socket.write('lf')
    await client.untilText('half')
    expect(gateway.status().inFlight).toEqual({})
    client.socket.destroy()
  })

  it('a hundred changes of the table under load drop no request', async () => {
    const upstreams = [await healthy('a'), await healthy('b'), await healthy('c')]
    const { port, route } = await gatewayFor(upstreams)
    const state = { isStopping: false }
    const answers: string[] = []
    const clients = Array.from({ length: 5 }, async () => {
      while (!state.isStopping) answers.push(await ask(port, answers.length % 2 === 0 ? 'GET' : 'POST', 'x'))
    })
    for (let i = 0; i < 100; i += 1) {
      const kept = upstreams.filter((_, at) => at !== i % 3)
      await route(kept.map((upstream) => ({ port: upstream.port, uid: `at${upstream.port}` })))
      const before = answers.length
      await until('traffic', () => answers.length > before)
    }
    state.isStopping = true
    await Promise.all(clients)
    expect(answers.filter((answer) => !answer.includes('200 OK'))).toEqual([])
  })

  it('an older or a forged table changes nothing', async () => {
    const { gateway, route } = await gatewayFor([await healthy('a')])
    const before = gateway.status().appliedVersion
    await gateway.apply({ format: 1, version: before, installationId: 'x', services: [] })
    expect(gateway.status().boundPorts).toHaveLength(1)
    await route([])
    expect(gateway.status().appliedVersion).toBe(before + 1)
  })
})
