import * as fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { LossAllowance, RetryBudget } from '../src/retry-budget.ts'
import { freePort, httpUpstream, RawClient, rawUpstream, startGateway, until } from './harness.ts'
import type { TestGateway, Upstream } from './harness.ts'

const step = fc.record({
  gapMs: fc.double({ min: 0, max: 3000, noNaN: true }),
  begun: fc.nat(50),
  wanted: fc.nat(50),
})

describe('the retry budget', () => {
  it('allows at most what it keeps, a fifth of the requests and the floor, in every stretch of time', () => {
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 100, size: 'max' }),
        fc.nat(),
        fc.constantFrom(1, 1 / 2, 1 / 3),
        (steps, skip, part) => {
          const budget = new RetryBudget(0)
          budget.divide(part)
          const from = skip % steps.length
          let now = 0
          let seconds = 0
          let begun = 0
          let taken = 0
          for (const [at, { gapMs, ...of }] of steps.entries()) {
            now += gapMs
            if (at > from) seconds += gapMs / 1000
            for (let i = 0; i < of.begun; i += 1) budget.note()
            if (at >= from) begun += of.begun
            for (let i = 0; i < of.wanted; i += 1) if (budget.take(now) && at >= from) taken += 1
          }
          const most = part * (100 + 10 * seconds) + 0.2 * begun
          expect(taken).toBeLessThanOrEqual(most + 1e-6)
        },
      ),
    )
  })

  it('never starves: a fifth of the requests are retried however long it lasts, and the floor comes back', () => {
    const budget = new RetryBudget(0)
    while (budget.take(0));
    for (let i = 0; i < 1000; i += 1) {
      for (let of = 0; of < 5; of += 1) budget.note()
      expect(budget.take(0)).toBe(true)
    }
    expect(budget.take(0)).toBe(false)
    expect(budget.take(99)).toBe(false)
    expect(budget.take(101)).toBe(true)
  })

  it('is divided among processes, and a clock that stands still or goes back gives nothing', () => {
    const budget = new RetryBudget(1000)
    budget.divide(1 / 4)
    let taken = 0
    while (budget.take(1000)) taken += 1
    expect(taken).toBe(25)
    expect(budget.take(0)).toBe(false)
    expect(budget.take(1000)).toBe(false)
    expect(budget.take(1401)).toBe(true)
  })
})

describe('what the loss of a replica frees', () => {
  it('is what was in flight at the first break, once in ten seconds', () => {
    const gaps = fc.array(fc.tuple(fc.nat(4000), fc.integer({ min: 1, max: 40 })), {
      maxLength: 200,
      size: 'max',
    })
    fc.assert(
      fc.property(gaps, (breaks) => {
        const loss = new LossAllowance()
        let now = 0
        let free = 0
        let most = 0
        for (const [gapMs, inFlight] of breaks) {
          now += gapMs
          most = Math.max(most, inFlight)
          if (loss.take(inFlight, now)) free += 1
        }
        expect(free).toBeLessThanOrEqual((Math.floor(now / 10_000) + 1) * most)
      }),
    )
  })

  it('covers every request that one death breaks', () => {
    const loss = new LossAllowance()
    for (let inFlight = 500; inFlight > 0; inFlight -= 1) expect(loss.take(inFlight, 5)).toBe(true)
    expect(loss.take(1, 9999)).toBe(false)
    expect(loss.take(1, 10_005)).toBe(true)
  })
})

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

async function gatewayFor(upstreams: readonly { readonly port: number }[]): Promise<TestGateway> {
  const gateway = await startGateway(upstreams, { service: { policy: 'round_robin' } })
  cleanups.push(() => gateway.close())
  return gateway
}

function kept(upstream: Upstream): Upstream {
  cleanups.push(() => upstream.kill())
  return upstream
}

async function get(port: number, method = 'GET'): Promise<string> {
  const client = new RawClient(port)
  client.send(`${method} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`)
  return client.untilEnd()
}

describe('a service whose replicas all fail', () => {
  it('gets a bounded number of requests more; what was refused is counted', async () => {
    let seen = 0
    const failing = await Promise.all(
      Array.from({ length: 4 }, () =>
        rawUpstream((socket) => {
          socket.on('data', () => {
            seen += 1
            socket.resetAndDestroy()
          })
        }),
      ),
    )
    for (const upstream of failing) kept(upstream)
    const { port, gateway } = await gatewayFor(failing)
    const startedAt = performance.now()
    const asked = 400
    for (let i = 0; i < asked; i += 1) expect(await get(port)).toContain('502 Bad Gateway')
    const seconds = (performance.now() - startedAt) / 1000
    const [service] = gateway.plane.routes.serviceList
    const totals = service?.counter.totals
    // Each of the four may free one request in ten seconds.
    const free = 4 * (Math.floor(seconds / 10) + 1)
    expect(seen - asked).toBeLessThanOrEqual(100 + 10 * seconds + 0.2 * asked + free)
    expect(totals?.retries).toBe(seen - asked)
    expect(totals?.retriesRefused).toBeGreaterThan(0)
  })
})

describe('a budget that is spent', () => {
  async function spent(upstreams: readonly { readonly port: number }[]): Promise<TestGateway> {
    const plane = await gatewayFor(upstreams)
    const { retries } = plane.gateway.plane.routes.serviceList[0] ?? { retries: new RetryBudget(0) }
    // Next to nothing comes back with the time.
    retries.divide(1e-6)
    while (retries.take(plane.gateway.plane.clock.monotonicMs()));
    return plane
  }

  it('keeps no request from another replica when nothing was sent to the first', async () => {
    const good = kept(await httpUpstream((_, response) => response.end('good')))
    const dead = await Promise.all([freePort(), freePort(), freePort()])
    const { port } = await spent([...dead.map((at) => ({ port: at })), good])
    for (let i = 0; i < 8; i += 1) expect(await get(port, i % 2 === 0 ? 'GET' : 'POST')).toContain('good')
  })

  it('loses none of the many that a replica had in flight when it died', async () => {
    const good = kept(await httpUpstream((_, response) => response.end('good')))
    const held = kept(await rawUpstream((socket) => socket.resume()))
    const { port, gateway } = await spent([held, good])
    const count = 150
    const answers = Array.from({ length: 2 * count }, () => get(port))
    await until('half of them at the one that dies', () => gateway.status().inFlight['r0'] === count)
    await held.kill()
    const bodies = await Promise.all(answers)
    expect(bodies.filter((body) => body.includes('good'))).toHaveLength(2 * count)
    expect(gateway.plane.lost.reports()).toEqual([])
  })
})
