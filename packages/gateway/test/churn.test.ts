import { readdirSync } from 'node:fs'
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
  'PUT /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'GET /slow HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET /big HTTP/1.1\r\nHost: a\r\n\r\n',
  'GET /d HTTP/1.0\r\n\r\n',
  'garbage\r\n\r\n',
]

describe('churn', () => {
  it('connections aborted anywhere, replicas killed, routes changed: no count and no descriptor is left', async () => {
    const next = numbers(7)
    const make = (): ReturnType<typeof httpUpstream> =>
      httpUpstream((incoming, response) => {
        incoming.resume()
        if (incoming.url === '/slow') setTimeout(() => response.end('late'), 30)
        else response.end(incoming.url === '/big' ? 'x'.repeat(500_000) : 'ok')
      })
    let upstreams: readonly Upstream[] = await Promise.all([make(), make(), make()])
    const routed = (): Routed[] => upstreams.map(({ port }) => ({ port, uid: `at${port}` }))
    const { gateway, port, route, close } = await startGateway(routed())
    const before = readdirSync('/proc/self/fd').length
    for (let round = 0; round < 40; round += 1) {
      const clients = Array.from({ length: 25 }, () => {
        const client = new RawClient(port)
        const text = Array.from({ length: 1 + next(3) }, () => requests[next(requests.length)] ?? '').join('')
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
      if (round % 5 === 0) await route(routed())
      await until('the end of a round', () => clients.every((client) => client.isClosed))
    }
    await until('no request in flight', () => gateway.plane.inFlight.count === 0)
    expect(gateway.status().inFlight).toEqual({})
    for (const service of gateway.plane.routes.serviceList) expect(service.inFlight).toBe(0)
    for (const upstream of upstreams) await upstream.kill()
    await until('no descriptor is left', () => readdirSync('/proc/self/fd').length <= before)
    await close()
  })
})
