import { readdirSync } from 'node:fs'
import type { ServiceRoute } from '@skykeep/core/routes'
import { defaultOutliers } from '@skykeep/core/service-spec'
import { describe, expect, it } from 'vitest'
import type { Routed, Upstream } from './harness.ts'
import { httpUpstream, RawClient, startGateway, until } from './harness.ts'

/** A sequence that looks random and is the same each time (Lehmer). */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state * 48_271) % 2_147_483_647
    return state % below
  }
}

const requests = [
  'GET /a HTTP/1.1\r\nHost: a\r\n\r\n',
  'POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello',
  'POST /b HTTP/1.1\r\nHost: a\r\nX-Canary: 1\r\nContent-Type: application/json\r\nContent-Length: 19\r\n\r\n{"prompt": "hello"}',
  'PUT /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'GET /slow HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET /big HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET /fault HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET /d HTTP/1.0\r\n\r\n',
  'garbage\r\n\r\n',
]

const split = [
  { versions: [1], percent: 70 },
  { versions: [2], percent: 30 },
]

const pinning = [
  { versions: [1], percent: 1, header: { name: 'x-canary', value: '1' } },
  { versions: [2], percent: 99 },
]

/** What a service may ask of its routes, one after another. */
const routes: readonly Partial<ServiceRoute>[] = [
  {},
  { parking: { maxRequests: 20, timeoutSeconds: 0.05 }, maxConcurrencyPerReplica: 2 },
  { parking: { maxRequests: 5, timeoutSeconds: 5 }, maxConcurrencyPerReplica: 1, policy: 'round_robin' },
  { split, parking: { maxRequests: 50, timeoutSeconds: 5 }, policy: 'instance_aware_least_load' },
  { split, maxConcurrencyPerReplica: 3 },
  { policy: 'power_of_two_choices', maxConcurrencyPerReplica: 3, prefersNear: true },
  {
    policy: 'consistent_hash',
    hash: { by: 'path', loadFactor: 1.25 },
    parking: { maxRequests: 20, timeoutSeconds: 0.05 },
    maxConcurrencyPerReplica: 2,
  },
  { policy: 'consistent_hash', hash: { by: 'prompt', prefixBytes: 8, loadFactor: 1 } },
  { split: pinning, parking: { maxRequests: 20, timeoutSeconds: 0.05 }, maxConcurrencyPerReplica: 1 },
  { hedge: { afterSeconds: 0.001 } },
  { hedge: { afterSeconds: 0.005 }, maxConcurrencyPerReplica: 3, accessLog: { sample: 0.5 } },
  {
    hedge: { afterSeconds: 0.01 },
    parking: { maxRequests: 20, timeoutSeconds: 0.05 },
    maxConcurrencyPerReplica: 2,
    outlierDetection: { ...defaultOutliers, consecutiveErrors: 1, ejectionSeconds: 1 },
  },
  {
    outlierDetection: { ...defaultOutliers, consecutiveErrors: 1, ejectionSeconds: 1 },
    accessLog: { sample: 1 },
  },
  { closed: { reason: 'PAUSED', message: 'paused', opensAtMs: null } },
]

const hedged = routes.filter(({ hedge }) => hedge !== undefined)

describe('churn', () => {
  it.each([
    [7, 'all of them', routes],
    [11, 'all of them', routes],
    [13, 'those with a second attempt', hedged],
  ] as const)(
    'connections aborted anywhere, replicas killed, routes changed: no count, no place in a line and no descriptor is left (seed %i, routes: %s)',
    async (seed, _, changes) => {
      const next = numbers(seed)
      const make = (): ReturnType<typeof httpUpstream> =>
        httpUpstream((incoming, response) => {
          incoming.resume()
          if (incoming.url === '/slow') setTimeout(() => response.end('late'), 30)
          else {
            if (incoming.url === '/fault') response.statusCode = next(2) === 0 ? 500 : 200
            response.end(incoming.url === '/big' ? 'x'.repeat(500_000) : 'ok')
          }
        })
      let upstreams: readonly Upstream[] = await Promise.all([make(), make(), make()])
      const routed = (): Routed[] =>
        upstreams.map(({ port }) => ({ port, uid: `at${port}`, version: 1 + (port % 2) }))
      const { gateway, port, route, close } = await startGateway(routed())
      const before = readdirSync('/proc/self/fd').length
      for (let round = 0; round < 40; round += 1) {
        const clients = Array.from({ length: 25 }, () => {
          const client = new RawClient(port)
          const count = 1 + next(3)
          const text = Array.from({ length: count }, () => requests[next(requests.length)] ?? '').join('')
          client.send(text.slice(0, 1 + next(text.length)))
          setTimeout(
            () => (next(2) === 0 ? client.socket.destroy() : client.socket.resetAndDestroy()),
            next(60),
          )
          return client
        })
        if (round % 8 === 3) {
          await upstreams[0]?.kill()
          upstreams = [...upstreams.slice(1), await make()]
        }
        // Now and then there is no replica at all, and whoever came waits for the next table.
        const isEmpty = round % 7 === 5
        if (round % 3 === 0 || isEmpty)
          await route(isEmpty ? [] : routed(), { service: changes[next(changes.length)] ?? {} })
        await until('the end of a round', () => clients.every((client) => client.isClosed))
      }
      const { plane } = gateway
      await until('no request in flight', () => plane.inFlight.count === 0)
      expect(gateway.status()).toMatchObject({ inFlight: {}, inFlightByService: {}, parked: {} })
      for (const service of plane.routes.serviceList) {
        expect(service.counter).toMatchObject({ inFlight: 0, parked: 0 })
        expect(service.waiting).toMatchObject({ count: 0, first: null })
        expect(changes === routes || service.counter.totals.hedges > 0).toBe(true)
      }
      for (const replica of plane.routes.replicaList) expect(replica.inFlight).toBe(0)
      for (const upstream of upstreams) await upstream.kill()
      await until('no descriptor is left', () => readdirSync('/proc/self/fd').length <= before)
      await until('no connection is left', () => gateway.listeners.connectionCount === 0)
      await close()
    },
  )
})
