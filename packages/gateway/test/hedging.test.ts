import { latencyBoundsMs } from '@skykeep/core/routes'
import type { ServiceRoute } from '@skykeep/core/routes'
import * as fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { HedgeDelay, percentileOf } from '../src/hedge-delay.ts'
import { freePort, RawClient, rawUpstream, startGateway, until } from './harness.ts'
import type { Routed, TestGateway, Upstream } from './harness.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

describe('how long a request waits for its first byte', () => {
  it('is what was said, whatever was seen', () => {
    const delay = new HedgeDelay({ afterSeconds: 0.25 })
    delay.look(latencyBoundsMs.map(() => 1000))
    expect(delay.delayMs).toBe(250)
  })

  it('is within the bucket that holds the percentile, grows with it, and is not known of few', () => {
    const counts = fc.array(fc.nat(100), {
      minLength: latencyBoundsMs.length + 1,
      maxLength: latencyBoundsMs.length + 1,
    })
    const percentile = fc.double({ min: 50, max: 99.9, noNaN: true })
    fc.assert(
      fc.property(counts, percentile, percentile, (of, one, other) => {
        const total = of.reduce((sum, count) => sum + count, 0)
        const ms = percentileOf(of, one)
        let below = 0
        for (const [at, bound] of latencyBoundsMs.entries()) if (bound < ms) below += of[at] ?? 0
        const isRight = total < 50 ? ms === Infinity : below <= (total * one) / 100 + 1e-6
        expect(isRight && percentileOf(of, Math.max(one, other)) >= ms).toBe(true)
      }),
    )
  })

  it('follows the percentile of what came of late', () => {
    const delay = new HedgeDelay({ percentile: 95 })
    expect(delay.delayMs).toBe(Infinity)
    const counts = [...latencyBoundsMs.map(() => 0), 0]
    counts[3] = 1000
    delay.look(counts)
    expect(delay.delayMs).toBeGreaterThan(5)
    expect(delay.delayMs).toBeLessThanOrEqual(10)
    for (let second = 0; second < 300; second += 1) {
      counts[7] = (counts[7] ?? 0) + 100
      delay.look(counts)
    }
    expect(delay.delayMs).toBeGreaterThan(100)
    expect(delay.delayMs).toBeLessThanOrEqual(250)
  })
})

interface Fake {
  readonly upstream: Upstream
  readonly heads: string[]
  /** Answers the oldest request that it holds. */
  answer(): void
}

/** A replica that holds each request until it is told to answer; at once where `isQuick`. */
async function fake(name: string, isQuick = false): Promise<Fake> {
  const heads: string[] = []
  const held: (() => void)[] = []
  const upstream = await rawUpstream((socket) => {
    socket.on('data', (bytes: Buffer) => {
      heads.push(bytes.toString('latin1'))
      const answer = (): void => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${name.length}\r\n\r\n${name}`)
      }
      if (isQuick) answer()
      else held.push(answer)
    })
  })
  cleanups.push(() => upstream.kill())
  return { upstream, heads, answer: () => held.shift()?.() }
}

async function gatewayFor(
  upstreams: readonly (Routed | Upstream)[],
  service: Partial<ServiceRoute> = {},
): Promise<TestGateway> {
  const hedge = { afterSeconds: 0.02 }
  const gateway = await startGateway(upstreams, { service: { policy: 'round_robin', hedge, ...service } })
  cleanups.push(() => gateway.close())
  return gateway
}

function ask(port: number, head = 'GET / HTTP/1.1', body = ''): RawClient {
  const client = new RawClient(port)
  const length = body === '' ? '' : `Content-Length: ${body.length}\r\n`
  client.send(`${head}\r\nHost: a\r\n${length}Connection: close\r\n\r\n${body}`)
  return client
}

const totalsOf = ({ gateway }: TestGateway): object => {
  const { hedges, hedgesWon, retries, retriesRefused } =
    gateway.plane.routes.serviceList[0]?.counter.totals ?? {}
  return { hedges, hedgesWon, retries, retriesRefused }
}

async function untilEmpty({ gateway }: TestGateway): Promise<void> {
  await until('no count left', () => Object.keys(gateway.status().inFlight).length === 0)
  expect(gateway.plane.inFlight.count).toBe(0)
}

describe('a request whose replica is slow', () => {
  it('is given to another one too, whose answer it gets; the first is told by the end of its connection', async () => {
    const slow = await fake('slow')
    const quick = await fake('quick', true)
    const plane = await gatewayFor([slow.upstream, quick.upstream])
    expect(await ask(plane.port).untilEnd()).toContain('quick')
    expect(slow.heads).toEqual(quick.heads)
    await until('the end of the first', () => slow.upstream.sockets.size === 0)
    expect(totalsOf(plane)).toEqual({ hedges: 1, hedgesWon: 1, retries: 0, retriesRefused: 0 })
    expect(plane.gateway.status().ejected).toEqual([])
    await untilEmpty(plane)
  })

  it('gets the first one’s answer where that comes first; the second is told', async () => {
    const [first, second] = [await fake('first'), await fake('second')]
    const plane = await gatewayFor([first.upstream, second.upstream])
    const client = ask(plane.port)
    await until('the second attempt', () => second.heads.length === 1)
    expect(plane.gateway.status().inFlight).toEqual({ r0: 1, r1: 1 })
    first.answer()
    expect(await client.untilEnd()).toContain('first')
    await until('the end of the second', () => second.upstream.sockets.size === 0)
    expect(totalsOf(plane)).toEqual({ hedges: 1, hedgesWon: 0, retries: 0, retriesRefused: 0 })
    await untilEmpty(plane)
  })

  it('is given to both with its whole body', async () => {
    const slow = await fake('slow')
    const quick = await fake('quick', true)
    const plane = await gatewayFor([slow.upstream, quick.upstream])
    expect(await ask(plane.port, 'PUT / HTTP/1.1', 'x'.repeat(3000)).untilEnd()).toContain('quick')
    expect(quick.heads.join('')).toBe(slow.heads.join(''))
    expect(quick.heads.join('')).toMatch(/\r\n\r\nx{3000}$/)
    await untilEmpty(plane)
  })

  it.each([
    ['POST / HTTP/1.1', 'x'],
    ['PATCH / HTTP/1.1', 'x'],
    ['GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket', ''],
    ['PUT / HTTP/1.1', 'x'.repeat(70_000)],
  ])('is given to no second one where it must not be, or is not held whole: %s', async (head, body) => {
    const slow = await fake('slow')
    const quick = await fake('quick', true)
    const plane = await gatewayFor([slow.upstream, quick.upstream])
    const client = ask(plane.port, head, body)
    await until('the request', () => slow.heads.join('').length >= body.length && slow.heads.length > 0)
    // A request that is hedged, and began later, shows that the time is over.
    const witness = [await fake('slow too'), await fake('quick too', true)]
    const other = await gatewayFor(witness.map(({ upstream }) => upstream))
    expect(await ask(other.port).untilEnd()).toContain('quick too')
    expect(quick.heads).toEqual([])
    slow.answer()
    expect(await client.untilText('slow')).toContain(' 200 ')
    client.socket.destroy()
    await untilEmpty(plane)
  })

  it('goes on with the second attempt where the first replica is lost: it is not sent a third time', async () => {
    const [first, second, third] = [await fake('first'), await fake('second'), await fake('third')]
    const plane = await gatewayFor([first, second, third].map(({ upstream }) => upstream))
    const client = ask(plane.port)
    await until('the second attempt', () => second.heads.length === 1)
    await first.upstream.kill()
    await until('the loss', () => plane.gateway.status().inFlight['r0'] === undefined)
    second.answer()
    expect(await client.untilEnd()).toContain('second')
    expect(third.heads).toEqual([])
    expect(totalsOf(plane)).toEqual({ hedges: 1, hedgesWon: 0, retries: 1, retriesRefused: 0 })
    await untilEmpty(plane)
  })

  it('waits for the first where the second takes no connection, and that one is out', async () => {
    const first = await fake('first')
    const plane = await gatewayFor([first.upstream, { port: await freePort() }])
    const client = ask(plane.port)
    await until('the second attempt', () => plane.gateway.status().ejected.length === 1)
    first.answer()
    expect(await client.untilEnd()).toContain('first')
    await untilEmpty(plane)
  })

  it('is told to both when its client leaves', async () => {
    const [first, second] = [await fake('first'), await fake('second')]
    const plane = await gatewayFor([first.upstream, second.upstream])
    const client = ask(plane.port)
    await until('the second attempt', () => second.heads.length === 1)
    client.socket.destroy()
    expect(totalsOf(plane)).toMatchObject({ hedges: 1, hedgesWon: 0 })
    await until('the end of both', () => first.upstream.sockets.size + second.upstream.sockets.size === 0)
    await untilEmpty(plane)
  })

  it('is lost, and listed, when both are', async () => {
    const [first, second] = [await fake('first'), await fake('second')]
    const plane = await gatewayFor([first.upstream, second.upstream])
    const client = ask(plane.port)
    await until('the second attempt', () => second.heads.length === 1)
    await first.upstream.kill()
    await second.upstream.kill()
    expect(await client.untilEnd()).toContain(' 502 ')
    expect(plane.gateway.plane.lost.reports()).toHaveLength(1)
    await untilEmpty(plane)
  })
})

describe('a second attempt', () => {
  it('is within the retry budget', async () => {
    const [first, second] = [await fake('first'), await fake('second')]
    const plane = await gatewayFor([first.upstream, second.upstream])
    const [service] = plane.gateway.plane.routes.serviceList
    // Next to nothing comes back with the time.
    service?.retries.divide(1e-6)
    while (service?.retries.take(plane.gateway.plane.clock.monotonicMs()) === true);
    const client = ask(plane.port)
    await until('a refusal', () => service?.counter.totals.retriesRefused === 1)
    first.answer()
    expect(await client.untilEnd()).toContain('first')
    expect(second.heads).toEqual([])
    expect(totalsOf(plane)).toMatchObject({ hedges: 0 })
  })

  it('takes only a place that is free', async () => {
    const [first, second] = [await fake('first'), await fake('second')]
    const plane = await gatewayFor([first.upstream, second.upstream], { maxConcurrencyPerReplica: 1 })
    const clients = [ask(plane.port), ask(plane.port)]
    await until('both', () => first.heads.length + second.heads.length === 2)
    const witness = [await fake('slow too'), await fake('quick too', true)]
    const other = await gatewayFor(witness.map(({ upstream }) => upstream))
    expect(await ask(other.port).untilEnd()).toContain('quick too')
    expect(totalsOf(plane)).toMatchObject({ hedges: 0 })
    first.answer()
    second.answer()
    const answers = await Promise.all(clients.map((client) => client.untilEnd()))
    expect(answers.filter((answer) => answer.includes(' 200 '))).toHaveLength(2)
    await untilEmpty(plane)
  })
})
