import type { ServiceRoute } from '@skykeep/core/routes'
import { afterEach, describe, expect, it } from 'vitest'
import { gatewayExposition } from '../src/metrics.ts'
import { freePort, httpUpstream, RawClient, rawUpstream, startGateway, until } from './harness.ts'
import type { Routed, TestGateway, Upstream } from './harness.ts'
import { keyRoute, tokenOf } from './token-maker.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

async function gatewayFor(
  upstreams: readonly (Routed | Upstream)[],
  service: Partial<ServiceRoute> = {},
): Promise<TestGateway> {
  const gateway = await startGateway(upstreams, { service })
  cleanups.push(() => gateway.close())
  return gateway
}

function kept(upstream: Upstream): Upstream {
  cleanups.push(() => upstream.kill())
  return upstream
}

const answering = async (): Promise<Upstream> =>
  kept(
    await httpUpstream((incoming, response) => {
      incoming.resume()
      response.end('x'.repeat(1000))
    }),
  )

async function send(port: number, text: string): Promise<string> {
  const client = new RawClient(port)
  client.send(text)
  return client.untilEnd()
}

const get = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'

/** The value of a series; NaN: there is none. */
function valueOf({ gateway }: TestGateway, series: string): number {
  const lines = gatewayExposition(gateway, 'g').split('\n')
  return Number(lines.find((line) => line.startsWith(`${series} `))?.slice(series.length + 1) ?? NaN)
}

const refused = (kind: string, service = 'hello'): string =>
  `skykeep_gateway_refused_total{service="${service}",process="g",kind="${kind}"}`
const ofReplica = (name: string, more = ''): string =>
  `skykeep_gateway_${name}{service="hello",version="3",replica="1",process="g"${more}}`

describe('refusals are told by reason', () => {
  it('of heads that cannot be read, and of ports without a service', async () => {
    const plane = await gatewayFor([await answering()])
    await send(plane.port, 'GET / HTTP/1.1\r\n\r\n')
    await send(plane.port, 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n')
    await send(plane.port, `${get.slice(0, -2)}Transfer-Encoding: chunked\r\n\r\nzz\r\n`)
    expect(valueOf(plane, refused('malformed'))).toBe(3)
    const client = new RawClient(plane.port)
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.untilText('xxx')
    await plane.gateway.apply({ format: 1, version: 99, installationId: 'x', services: [] })
    client.send(get)
    expect(await client.untilEnd()).toContain('404 Not Found')
    expect(valueOf(plane, refused('no_service', ''))).toBe(1)
  })

  it('of addresses, keys and rates', async () => {
    const plane = await gatewayFor([await answering()], { access: { allow: ['10.0.0.0/8'] } })
    expect(await send(plane.port, get)).toContain(' 403 ')
    await plane.route([], { service: { access: { keys: [] } } })
    expect(await send(plane.port, get)).toContain(' 401 ')
    await plane.route([], { service: { access: { rate: { requestsPerSecond: 0.001, burst: 1 } } } })
    await send(plane.port, get)
    expect(await send(plane.port, get)).toContain(' 429 ')
    for (const kind of ['address', 'key', 'rate']) expect(valueOf(plane, refused(kind))).toBe(1)
    expect(valueOf(plane, refused('no_replica'))).toBe(1)
  })

  it('of a token that does not hold, and of one that lacks a claim, apart from keys and addresses', async () => {
    const tokens = {
      keys: [keyRoute('EdDSA')],
      leewaySeconds: 30,
      maxLifetimeSeconds: 600,
      claims: { scope: 'chat' },
    }
    const plane = await gatewayFor([await answering()], { access: { tokens, keys: [] } })
    const shown = (token: string): string => `${get.slice(0, -2)}Authorization: Bearer ${token}\r\n\r\n`
    const iat = Math.floor(Date.now() / 1000)
    const whole = tokenOf({ iat, exp: iat + 60 })
    expect(await send(plane.port, shown(whole))).toContain(' 403 ')
    expect(await send(plane.port, shown(tokenOf({ iat: 0, exp: 1, scope: 'chat' })))).toContain(' 401 ')
    expect(await send(plane.port, shown(`${whole.slice(0, -4)}AAAA`))).toContain(' 401 ')
    expect(await send(plane.port, shown('nokey'))).toContain(' 401 ')
    expect(await send(plane.port, get)).toContain(' 401 ')
    expect(['claim', 'token', 'key'].map((kind) => valueOf(plane, refused(kind)))).toEqual([1, 2, 2])
    expect(valueOf(plane, refused('address'))).toBeNaN()
  })

  it('of a closed service, a full line, replicas that are lost, silent or unreadable', async () => {
    const closed = { reason: 'PAUSED', message: 'paused', opensAtMs: null } as const
    const plane = await gatewayFor([], { closed })
    await send(plane.port, get)
    expect(valueOf(plane, refused('closed'))).toBe(1)
    const parking = { maxRequests: 1, timeoutSeconds: 100 }
    await plane.route([], { service: { parking } })
    const waiting = new RawClient(plane.port)
    waiting.send(get)
    await until('one that waits', () => plane.gateway.status().parked?.['svc_1'] === 1)
    expect(await send(plane.port, get)).toContain(' 429 ')
    expect(valueOf(plane, refused('line_full'))).toBe(1)
    const dying = kept(await rawUpstream((socket) => socket.on('data', () => socket.resetAndDestroy())))
    await plane.route([dying], { service: {} })
    expect(await waiting.untilEnd()).toContain(' 502 ')
    expect(valueOf(plane, refused('replica_lost'))).toBe(1)
    const garbled = kept(await rawUpstream((socket) => socket.on('data', () => socket.write('no\r\n\r\n'))))
    await plane.route([{ port: garbled.port, uid: 'other' }], { service: {} })
    expect(await send(plane.port, get)).toContain(' 502 ')
    expect(valueOf(plane, refused('bad_answer'))).toBe(1)
    const silent = kept(await rawUpstream((socket) => socket.resume()))
    await plane.route([{ port: silent.port, uid: 'mute' }], { service: { streamTimeoutSeconds: 0.1 } })
    expect(await send(plane.port, get)).toContain(' 504 ')
    expect(valueOf(plane, refused('silent'))).toBe(1)
  })

  it('what did not happen is no series', async () => {
    const plane = await gatewayFor([await answering()])
    await send(plane.port, get)
    expect(gatewayExposition(plane.gateway, 'g')).not.toContain('skykeep_gateway_refused_total')
  })
})

describe('a replica is told by service, version and number', () => {
  it('time to the first byte, to connect and to the end, bytes, retries, ejections and connections that failed', async () => {
    const good = await answering()
    const plane = await gatewayFor(
      [
        { port: good.port, uid: 'a' },
        { port: await freePort(), uid: 'b', version: 3 },
      ],
      { policy: 'round_robin' },
    )
    for (let i = 0; i < 2; i += 1) expect(await send(plane.port, get)).toContain(' 200 ')
    expect(valueOf(plane, ofReplica('replica_connect_failures_total'))).toBe(1)
    expect(valueOf(plane, ofReplica('replica_retries_total'))).toBe(1)
    expect(valueOf(plane, ofReplica('replica_ejections_total'))).toBe(1)
    expect(valueOf(plane, ofReplica('replica_first_byte_seconds_count'))).toBeNaN()
    const next = await answering()
    await plane.route([
      { port: good.port, uid: 'a', isDraining: true },
      { port: next.port, uid: 'c', version: 3 },
    ])
    for (let i = 0; i < 3; i += 1) expect(await send(plane.port, get)).toContain(' 200 ')
    expect(valueOf(plane, ofReplica('replica_first_byte_seconds_count'))).toBe(3)
    expect(valueOf(plane, ofReplica('replica_connect_seconds_count'))).toBe(1)
    expect(valueOf(plane, ofReplica('replica_connect_seconds_bucket', ',le="+Inf"'))).toBe(1)
    // Of a connection that is open still.
    expect(valueOf(plane, ofReplica('replica_read_bytes_total'))).toBeGreaterThan(3000)
    expect(valueOf(plane, ofReplica('replica_written_bytes_total'))).toBeGreaterThan(100)
    expect(valueOf(plane, 'skykeep_gateway_upstream_read_bytes_total{process="g"}')).toBeGreaterThan(5000)
    await until(
      'the end of the second',
      () => valueOf(plane, ofReplica('replica_duration_seconds_count')) === 3,
    )
    expect(valueOf(plane, ofReplica('replica_in_flight'))).toBe(0)
  })

  it('is told no longer once no table names it', async () => {
    const plane = await gatewayFor([{ port: (await answering()).port, uid: 'a', version: 3 }])
    await send(plane.port, get)
    expect(gatewayExposition(plane.gateway, 'g')).toContain('replica="0"')
    await plane.route([])
    expect(gatewayExposition(plane.gateway, 'g')).not.toContain('replica="0"')
  })
})

describe('W3C trace context', () => {
  const parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

  /** What of a trace a replica gets, of each request. */
  async function traced(fields: string): Promise<readonly (string | undefined)[]> {
    const seen: (string | undefined)[] = []
    const upstream = kept(
      await httpUpstream(({ rawHeaders }, response) => {
        for (const [at, name] of rawHeaders.entries())
          if (at % 2 === 0 && /^(?:traceparent|tracestate)$/i.test(name))
            seen.push(`${name}: ${rawHeaders[at + 1]}`)
        response.end()
      }),
    )
    const { port } = await gatewayFor([upstream])
    await send(port, `${get.slice(0, -2)}${fields}\r\n`)
    return seen
  }

  it('is passed on as it came, letter case and several fields included', async () => {
    const state = ['congo=t61rcWkgMzE', 'rojo=00f067aa0ba902b7,vendor@x=1']
    const fields = `traceparent: ${parent}\r\nTraceState: ${state[0]}\r\ntracestate: ${state[1]}\r\n`
    expect(await traced(fields)).toEqual([
      `traceparent: ${parent}`,
      `TraceState: ${state[0]}`,
      `tracestate: ${state[1]}`,
    ])
  })

  it('is passed on too where it is none: whether it is valid is for the replica to say', async () => {
    expect(await traced('traceparent: 00-0-0-00\r\n')).toEqual(['traceparent: 00-0-0-00'])
  })

  it('is not begun here: a request without one stays without', async () => {
    expect(await traced('')).toEqual([])
  })
})
