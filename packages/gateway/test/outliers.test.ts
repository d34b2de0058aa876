import { defaultOutliers } from '@skykeep/core/service-spec'
import type { OutlierRoute } from '@skykeep/core/routes'
import { systemClock } from '@skykeep/telemetry/system-clock'
import { afterEach, describe, expect, it } from 'vitest'
import { httpUpstream, RawClient, rawUpstream, startGateway, until } from './harness.ts'
import type { RouteChange, TestGateway, Upstream } from './harness.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

const settings: OutlierRoute = { ...defaultOutliers, consecutiveErrors: 3, ejectionSeconds: 1 }

/** A clock that can be set forward. */
class MovableClock {
  aheadMs = 0
  now(): number {
    return systemClock.now() + this.aheadMs
  }
  monotonicMs(): number {
    return systemClock.monotonicMs() + this.aheadMs
  }
}

async function gatewayFor(
  upstreams: readonly Upstream[],
  outlierDetection: OutlierRoute | undefined,
  change: RouteChange = {},
): Promise<TestGateway> {
  const service = {
    policy: 'round_robin' as const,
    ...(outlierDetection === undefined ? {} : { outlierDetection }),
    ...change.service,
  }
  const gateway = await startGateway(upstreams, { ...change, service })
  cleanups.push(() => gateway.close())
  return gateway
}

interface Answering {
  readonly upstream: Upstream
  status: number
  seen: number
}

/** A replica that answers what it is told to. */
async function answering(status: number): Promise<Answering> {
  const state = { status, seen: 0 }
  const upstream = await httpUpstream((incoming, response) => {
    state.seen += 1
    incoming.resume()
    response.statusCode = state.status
    response.end(String(state.status))
  })
  cleanups.push(() => upstream.kill())
  return Object.assign(state, { upstream })
}

async function ask(port: number): Promise<string> {
  const client = new RawClient(port)
  client.send('POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx')
  return client.untilEnd()
}

describe('a replica that answers 500 to everything', () => {
  it('is out after some, is listed with the reason, and comes back with the first good answer to a trial', async () => {
    const clock = new MovableClock()
    const bad = await answering(500)
    const good = await answering(200)
    const { port, gateway } = await gatewayFor([bad.upstream, good.upstream], settings, { clock })
    const first = []
    for (let i = 0; i < 20; i += 1) first.push(await ask(port))
    expect(first.filter((answer) => answer.includes(' 500 '))).toHaveLength(3)
    expect(gateway.status().ejected).toMatchObject([
      { replicaUid: 'r0', reason: '3 answers in a row were 5xx, the last one 500' },
    ])
    expect(gateway.plane.routes.serviceList[0]?.counter.totals.ejections).toBe(1)
    // That it takes connections does not bring it back.
    clock.aheadMs += 1000
    await until('its trial', () => gateway.status().ejected.length === 0)
    const seen = bad.seen
    for (let i = 0; i < 6; i += 1) await ask(port)
    expect(bad.seen - seen).toBe(1)
    expect(gateway.status().ejected).toMatchObject([{ reason: 'answered 500 on trial' }])
    bad.status = 200
    clock.aheadMs += 2000
    await until('its second trial', () => gateway.status().ejected.length === 0)
    const answers = []
    for (let i = 0; i < 6; i += 1) answers.push(await ask(port))
    expect(answers.filter((answer) => answer.includes(' 200 '))).toHaveLength(6)
    expect(bad.seen - seen).toBeGreaterThan(2)
  })

  it('stays in where nobody asked for it', async () => {
    const bad = await answering(500)
    const good = await answering(200)
    const { port, gateway } = await gatewayFor([bad.upstream, good.upstream], undefined)
    for (let i = 0; i < 20; i += 1) await ask(port)
    expect(bad.seen).toBe(10)
    expect(gateway.status().ejected).toEqual([])
  })

  it('is back at once when the setting goes', async () => {
    const bad = await answering(500)
    const good = await answering(200)
    const { port, gateway, route } = await gatewayFor([bad.upstream, good.upstream], settings)
    for (let i = 0; i < 8; i += 1) await ask(port)
    expect(gateway.status().ejected).toHaveLength(1)
    await route([bad.upstream, good.upstream], { service: { policy: 'round_robin' } })
    expect(gateway.status().ejected).toEqual([])
  })
})

describe('what the gateway has to answer for a replica', () => {
  it('counts as its failure: an answer that is not HTTP', async () => {
    const bad = await rawUpstream((socket) => {
      socket.on('data', () => socket.write('garbage\r\n\r\n'))
    })
    cleanups.push(() => bad.kill())
    const good = await answering(200)
    const { port, gateway } = await gatewayFor([bad, good.upstream], settings)
    for (let i = 0; i < 12; i += 1) await ask(port)
    expect(gateway.status().ejected).toMatchObject([
      { replicaUid: 'r0', reason: '3 answers in a row were 5xx, the last one 502' },
    ])
  })

  it('a replica that dies on trial has failed it, and no probe lets it in before its time', async () => {
    const clock = new MovableClock()
    let mode: 'bad' | 'reset' = 'bad'
    const bad = await rawUpstream((socket) => {
      socket.on('data', () => {
        if (mode === 'reset') socket.resetAndDestroy()
        else socket.write('HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n')
      })
    })
    cleanups.push(() => bad.kill())
    const good = await answering(200)
    const { port, gateway } = await gatewayFor([bad, good.upstream], settings, { clock })
    for (let i = 0; i < 8; i += 1) await ask(port)
    mode = 'reset'
    clock.aheadMs += 1000
    await until('its trial', () => gateway.status().ejected.length === 0)
    for (let i = 0; i < 4; i += 1) await ask(port)
    expect(gateway.status().ejected).toMatchObject([{ replicaUid: 'r0', reason: 'ECONNRESET' }])
    const [replica] = gateway.plane.routes.replicaList
    expect(replica?.outlier).toMatchObject({ phase: 'out', times: 2 })
  })
})
