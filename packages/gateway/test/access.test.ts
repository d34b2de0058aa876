import { createHash } from 'node:crypto'
import { systemClock } from '@skykeep/telemetry/system-clock'
import { describe, expect, test } from 'vitest'
import { ServiceAccess } from '../src/service-access.ts'
import { ProcessShare } from '../src/replica-state.ts'
import { gatewayWith, seen } from './guarded-gateway.ts'
import { RawClient, type TestGateway } from './harness.ts'

const key = 'sk_hello_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG'
const otherKey = 'sk_hello_another89abcdefghijklmnopqrstuvwxyzABCDEFG'
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex')
const keys = [
  { name: 'app', hash: hashOf(key) },
  { name: 'batch', hash: hashOf(otherKey) },
]

async function ask(gateway: TestGateway, fields: string, method = 'GET', body = ''): Promise<string> {
  const client = new RawClient(gateway.port)
  client.send(`${method} / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${fields}\r\n${body}`)
  return await client.untilEnd()
}

function statusOf(text: string): number {
  return Number(text.slice(9, 12))
}

describe('keys', () => {
  test('a request without one is refused with a challenge, and reaches no replica', async () => {
    const text = await ask(await gatewayWith({ keys }), '')
    expect(statusOf(text)).toBe(401)
    expect(text).toContain('\r\nWWW-Authenticate: Bearer realm="hello"\r\n')
    expect(seen).toEqual([])
  })

  test.each([
    ['another key', `Authorization: Bearer ${key}x\r\n`],
    ['another scheme', `Authorization: Basic ${key}\r\n`],
    ['the hash instead of the key', `Authorization: Bearer ${hashOf(key)}\r\n`],
    ['no token', 'Authorization: Bearer\r\n'],
    ['two fields', `Authorization: Bearer ${key}\r\nAuthorization: Bearer ${key}\r\n`],
    ['another spelling of the name', `X_Api_Key: ${key}\r\n`],
  ])('%s is refused', async (_, fields) => {
    const text = await ask(await gatewayWith({ keys }), fields)
    expect(statusOf(text)).toBe(401)
    expect(text).not.toContain(key)
    expect(seen).toEqual([])
  })

  test.each([
    `Authorization: Bearer ${key}\r\n`,
    `AUTHORIZATION: bearer   ${key}\r\n`,
    `x-api-key: ${key}\r\n`,
    `X-Api-Key: ${otherKey}\r\nAccept: */*\r\nAuthorization: Bearer ${key}\r\n`,
  ])('a key passes, and the replica does not see it: %j', async (fields) => {
    const text = await ask(
      await gatewayWith({ keys }),
      `X-First: 1\r\nTE: trailers\r\n${fields}X-Last: 2\r\n`,
    )
    expect(statusOf(text)).toBe(200)
    expect(seen.flat()).toEqual(expect.arrayContaining(['X-First', '1', 'X-Last', '2']))
    expect(seen.flat().join('\n')).not.toMatch(/sk_hello|authorization|api-key/i)
  })

  test('what else the two fields hold goes on to the replica', async () => {
    const own = 'Authorization: Basic b3duOm93bg==\r\n'
    await ask(await gatewayWith({ keys }), `${own}X-Api-Key: ${key}\r\n`)
    expect(seen.flat()).toEqual(expect.arrayContaining(['Authorization', 'Basic b3duOm93bg==']))
    expect(seen.flat().join('\n')).not.toContain(key)
  })

  test('it is forwarded where the service asks for it', async () => {
    await ask(await gatewayWith({ keys, forwardsKey: true }), `Authorization: Bearer ${key}\r\n`)
    expect(seen.flat()).toContain(`Bearer ${key}`)
  })

  test('a table without a key holds for the next request of a connection that showed it before', async () => {
    const gateway = await gatewayWith({ keys })
    const upstreams = gateway.gateway.plane.routes.serviceList[0]?.replicas ?? []
    const client = new RawClient(gateway.port)
    const request = `GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer ${key}\r\n\r\n`
    client.send(request)
    await client.untilText('hi')
    await gateway.route(upstreams, { service: { access: { keys: keys.slice(1) } } })
    client.send(request)
    const text = await client.untilText('401 Unauthorized')
    expect(text).toContain('error="invalid_token"')
    expect(seen).toHaveLength(1)
    client.socket.destroy()
  })

  test('a refused connection stays open for the next request, unless a body follows', async () => {
    const gateway = await gatewayWith({ keys })
    const client = new RawClient(gateway.port)
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.untilText('KEY\n')
    client.send(`GET / HTTP/1.1\r\nHost: a\r\nX-Api-Key: ${key}\r\n\r\n`)
    await client.untilText('200 OK')
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nGET ')
    const text = await client.untilEnd()
    expect(text.match(/HTTP\/1\.1 401/g)).toHaveLength(2)
    expect(text.match(/Connection: close/g)).toHaveLength(1)
  })

  test('from its expiry on it is refused, also on a connection that showed it before', async () => {
    let now = 1_000
    const clock = { now: () => now, monotonicMs: () => systemClock.monotonicMs() }
    const access = { keys: [{ name: 'app', hash: hashOf(key), expiresAtMs: 2_000 }] }
    const gateway = await gatewayWith(access, clock)
    const client = new RawClient(gateway.port)
    const request = `GET / HTTP/1.1\r\nHost: a\r\nX-Api-Key: ${key}\r\n\r\n`
    client.send(request)
    await client.untilText('200 OK')
    now = 2_000
    client.send(request)
    expect(await client.untilText('401 Unauthorized')).toContain('200 OK')
    client.socket.destroy()
  })

  test('a preflight needs none where that is allowed; another OPTIONS does', async () => {
    const preflight = 'Origin: https://a.example\r\nAccess-Control-Request-Method: POST\r\n'
    const allowing = await gatewayWith({ keys, allowsPreflight: true })
    expect(statusOf(await ask(allowing, preflight, 'OPTIONS'))).toBe(200)
    expect(statusOf(await ask(allowing, '', 'OPTIONS'))).toBe(401)
    expect(statusOf(await ask(allowing, preflight, 'GET'))).toBe(401)
    expect(statusOf(await ask(await gatewayWith({ keys }), preflight, 'OPTIONS'))).toBe(401)
  })
})

describe('addresses', () => {
  test('one outside of the ranges is refused, whatever X-Forwarded-For says', async () => {
    const gateway = await gatewayWith({ allow: ['10.0.0.0/8'] })
    expect(statusOf(await ask(gateway, 'X-Forwarded-For: 10.0.0.1\r\n'))).toBe(403)
    expect(seen).toEqual([])
  })

  test('a change of the ranges holds for a connection that is open', async () => {
    const gateway = await gatewayWith({ allow: ['127.0.0.0/8', '::1'] })
    const upstreams = gateway.gateway.plane.routes.serviceList[0]?.replicas ?? []
    const client = new RawClient(gateway.port)
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.untilText('200 OK')
    await gateway.route(upstreams, { service: { access: { allow: ['10.0.0.0/8'] } } })
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(await client.untilText('403 Forbidden')).toContain('200 OK')
    client.socket.destroy()
  })
})

describe('rates', () => {
  /** Its monotonic time moves only when told. */
  function standingClock(): { readonly clock: typeof systemClock; advance(ms: number): void } {
    let ms = 1_000
    const clock = { now: () => systemClock.now(), monotonicMs: () => ms }
    return { clock, advance: (by) => void (ms += by) }
  }

  test('of a service: what is above gets 429 with the time to wait', async () => {
    const { clock, advance } = standingClock()
    const gateway = await gatewayWith({ rate: { requestsPerSecond: 0.5, burst: 2 } }, clock)
    const statuses = [await ask(gateway, ''), await ask(gateway, '')].map(statusOf)
    const refused = await ask(gateway, '')
    expect([...statuses, statusOf(refused)]).toEqual([200, 200, 429])
    expect(refused).toContain('\r\nRetry-After: 2\r\n')
    advance(2_000)
    expect(statusOf(await ask(gateway, ''))).toBe(200)
  })

  test('of a key: the other keys are not concerned, and what is refused takes nothing from the service', async () => {
    const { clock } = standingClock()
    const ratePerKey = { requestsPerSecond: 1, burst: 1 }
    const gateway = await gatewayWith({ keys, ratePerKey, rate: { requestsPerSecond: 1, burst: 2 } }, clock)
    const mine = `X-Api-Key: ${key}\r\n`
    const others = `X-Api-Key: ${otherKey}\r\n`
    const statuses: number[] = []
    for (const fields of [mine, mine, mine, others]) statuses.push(statusOf(await ask(gateway, fields)))
    expect(statuses).toEqual([200, 429, 429, 200])
  })

  test('a table that changes something else fills no bucket', async () => {
    const { clock } = standingClock()
    const access = { keys, ratePerKey: { requestsPerSecond: 1, burst: 1 } }
    const gateway = await gatewayWith(access, clock)
    const upstreams = gateway.gateway.plane.routes.serviceList[0]?.replicas ?? []
    const mine = `X-Api-Key: ${key}\r\n`
    expect(statusOf(await ask(gateway, mine))).toBe(200)
    await gateway.route(upstreams, { service: { access: { ...access, keys: keys.slice(0, 1) } } })
    expect(statusOf(await ask(gateway, mine))).toBe(429)
  })

  test('all processes together let no more through than max(burst, processes) at once', () => {
    const rate = { requestsPerSecond: 1, burst: 2 }
    const parts = [0, 1, 2].map((rank) => {
      const access = new ServiceAccess('hello', { rate }, null)
      access.divide(new ProcessShare(rank, 3))
      return access.bucket
    })
    const passed = parts.map((bucket) => {
      let count = 0
      for (; bucket?.waitMs(0) === 0; count += 1) bucket.take()
      return count
    })
    expect(passed).toEqual([1, 1, 1])
    expect(parts.map((bucket) => bucket?.waitMs(0))).toEqual([3_000, 3_000, 3_000])
  })
})
