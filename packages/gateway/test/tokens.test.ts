import { createHash } from 'node:crypto'
import type { AccessRoute, TokensRoute } from '@skykeep/core/routes'
import { systemClock } from '@skykeep/telemetry/system-clock'
import { describe, expect, test } from 'vitest'
import { ProcessShare } from '../src/replica-state.ts'
import { ServiceAccess } from '../src/service-access.ts'
import { gatewayWith, seen } from './guarded-gateway.ts'
import { RawClient, type TestGateway } from './harness.ts'
import { keyRoute, stranger, tokenOf } from './token-maker.ts'

const second = Math.floor(systemClock.now() / 1000)
const tokens: TokensRoute = { keys: [keyRoute('EdDSA')], leewaySeconds: 30, maxLifetimeSeconds: 3600 }
const claims = { sub: 'ann', jti: 'j1', iat: second, exp: second + 600 }
const good = tokenOf(claims)
const key = 'sk_hello_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG'
const keys = [{ name: 'app', hash: createHash('sha256').update(key).digest('hex') }]

async function ask(gateway: TestGateway, fields: string, line = 'GET / HTTP/1.1'): Promise<string> {
  const client = new RawClient(gateway.port)
  client.send(`${line}\r\nHost: a\r\nConnection: close\r\n${fields}\r\n`)
  return await client.untilEnd()
}

async function reroute(gateway: TestGateway, access: AccessRoute): Promise<void> {
  const upstreams = gateway.gateway.plane.routes.serviceList[0]?.replicas ?? []
  await gateway.route(upstreams, { service: { access } })
}

const bearer = (token: string): string => `Authorization: Bearer ${token}\r\n`
const statusOf = (text: string): number => Number(text.slice(9, 12))

describe('a signed token', () => {
  test('lets a request in, and the replica does not see it', async () => {
    const text = await ask(
      await gatewayWith({ tokens, keys: [] }),
      `X-First: 1\r\n${bearer(good)}X-Last: 2\r\n`,
    )
    expect(statusOf(text)).toBe(200)
    expect(seen.flat()).toEqual(expect.arrayContaining(['X-First', '1', 'X-Last', '2']))
    expect(seen.flat().join('\n')).not.toMatch(/authorization|eyJ/i)
  })

  test('goes on to the replica where the service asks for it', async () => {
    await ask(await gatewayWith({ tokens, keys: [], forwardsKey: true }), bearer(good))
    expect(seen.flat()).toContain(`Bearer ${good}`)
  })

  test('is asked for with a challenge, without an error code', async () => {
    const text = await ask(await gatewayWith({ tokens, keys: [] }), '')
    expect(statusOf(text)).toBe(401)
    expect(text).toContain('\r\nWWW-Authenticate: Bearer realm="hello"\r\n')
    expect(text).toContain('send a token of this service')
  })

  test('of nobody, of another key, and none at all look the same', async () => {
    const gateway = await gatewayWith({ tokens: { ...tokens, keys: [keyRoute('EdDSA', 'main')] }, keys: [] })
    const kid = { kid: 'main' }
    const answers = await Promise.all(
      [
        tokenOf(claims, { key: stranger.privateKey, header: kid }),
        tokenOf(claims, { header: { kid: 'else' } }),
        tokenOf(claims, { alg: 'ES256', header: kid }),
        `${good.slice(0, -4)}AAAA`,
        'a.b.c',
      ].map((token) => ask(gateway, bearer(token))),
    )
    expect(new Set(answers).size).toBe(1)
    expect(answers[0]).toContain(
      '\r\nWWW-Authenticate: Bearer realm="hello", error="invalid_token", error_description="the token is not one of this service"\r\n',
    )
    expect(seen).toEqual([])
  })

  test.each([
    ['that expired', tokenOf({ ...claims, iat: second - 90, exp: second - 60 }), 'has expired'],
    ['that does not hold yet', tokenOf({ ...claims, nbf: second + 300 }), 'does not hold yet'],
    ['for another audience', tokenOf({ ...claims, aud: 'other' }), 'another audience'],
    ['that holds for years', tokenOf({ ...claims, exp: second + 1e8 }), 'longer than'],
  ])('%s is refused with what is wrong', async (_, token, says) => {
    const text = await ask(await gatewayWith({ tokens, keys: [] }), bearer(token))
    expect(statusOf(text)).toBe(401)
    expect(text).toMatch(new RegExp(`error="invalid_token", error_description="[^"]*${says}`))
    expect(text).not.toContain(token)
  })

  test('that lacks a claim gets 403', async () => {
    const gateway = await gatewayWith({ tokens: { ...tokens, claims: { scope: 'chat' } }, keys: [] })
    const text = await ask(gateway, bearer(good))
    expect(statusOf(text)).toBe(403)
    expect(text).toContain('error="insufficient_scope"')
    expect(statusOf(await ask(gateway, bearer(tokenOf({ ...claims, scope: 'a chat' }))))).toBe(200)
  })

  test.each([
    ['two fields', bearer(good) + bearer(good)],
    ['two fields, one of another scheme', `${bearer(good)}Authorization: Basic YTpi\r\n`],
    ['another scheme', `Authorization: JWT ${good}\r\n`],
    ['the field of keys', `X-Api-Key: ${good}\r\n`],
    ['a cookie', `Cookie: token=${good}\r\n`],
    ['another spelling of the name', `Author_ization: Bearer ${good}\r\n`],
    ['a folded name', `Authorization: Bearer\t${good}\r\n`],
    ['two tokens', `Authorization: Bearer ${good}, ${good}\r\n`],
  ])('shown by %s lets nobody in', async (_, fields) => {
    expect(statusOf(await ask(await gatewayWith({ tokens, keys: [] }), fields))).toBe(401)
    expect(seen).toEqual([])
  })

  test('is not taken from the query', async () => {
    const gateway = await gatewayWith({ tokens, keys: [] })
    expect(statusOf(await ask(gateway, '', `GET /?access_token=${good} HTTP/1.1`))).toBe(401)
  })

  test('of 20,000 characters is refused as any other', async () => {
    const text = await ask(await gatewayWith({ tokens, keys: [] }), bearer(`a.${'b'.repeat(20_000)}.c`))
    expect(text).toContain('the token is not one of this service')
  })

  test('a table of an older program has no key for it, and none is needed', async () => {
    expect(statusOf(await ask(await gatewayWith({ tokens }), ''))).toBe(401)
    expect(statusOf(await ask(await gatewayWith({ tokens }), bearer(good)))).toBe(200)
  })
})

describe('beside keys', () => {
  test('either will do, and neither is forwarded', async () => {
    const gateway = await gatewayWith({ tokens, keys })
    const statuses: number[] = []
    for (const fields of [bearer(good), bearer(key), `X-Api-Key: ${key}\r\n`, bearer(`${key}x`)])
      statuses.push(statusOf(await ask(gateway, fields)))
    expect(statuses).toEqual([200, 200, 200, 401])
    expect(seen.flat().join('\n')).not.toMatch(/sk_hello|authorization|api-key/i)
  })

  test('a key lets a request in whose token does not, and what a key signed is withheld all the same', async () => {
    const gateway = await gatewayWith({ tokens, keys })
    const late = tokenOf({ ...claims, iat: second - 90, exp: second - 60 })
    expect(statusOf(await ask(gateway, `X-Api-Key: ${key}\r\n${bearer(late)}`))).toBe(200)
    expect(seen.flat().join('\n')).not.toMatch(/sk_hello|authorization|api-key/i)
  })

  test('a field that is there twice is refused, whatever the other one holds', async () => {
    const gateway = await gatewayWith({ tokens, keys })
    const own = `X-Api-Key: ${key}\r\n`
    expect(statusOf(await ask(gateway, own + bearer(good) + bearer(good)))).toBe(401)
    expect(statusOf(await ask(gateway, own + own + bearer(good)))).toBe(401)
    expect(seen).toEqual([])
  })

  test('a preflight needs neither where that is allowed', async () => {
    const gateway = await gatewayWith({ tokens, keys: [], allowsPreflight: true })
    const preflight = 'Origin: https://a.example\r\nAccess-Control-Request-Method: POST\r\n'
    expect(statusOf(await ask(gateway, preflight, 'OPTIONS / HTTP/1.1'))).toBe(200)
  })
})

describe('on one connection', () => {
  const request = (token: string): string => `GET / HTTP/1.1\r\nHost: a\r\n${bearer(token)}\r\n`

  test('what was true of a token is asked again as time goes on', async () => {
    let now = second * 1000
    const clock = { now: () => now, monotonicMs: () => systemClock.monotonicMs() }
    const client = new RawClient((await gatewayWith({ tokens, keys: [] }, clock)).port)
    client.send(request(good))
    await client.untilText('200 OK')
    now += 630_000
    client.send(request(good))
    expect(await client.untilText('has expired')).toContain('200 OK')
    client.socket.destroy()
  })

  test('a revocation in the table holds for its next request', async () => {
    const gateway = await gatewayWith({ tokens, keys: [] })
    const client = new RawClient(gateway.port)
    client.send(request(good))
    await client.untilText('hi')
    const revoked = [{ kind: 'subject', value: 'ann', atMs: second * 1000 }] as const
    await reroute(gateway, { tokens: { ...tokens, revoked }, keys: [] })
    client.send(request(good))
    expect(await client.untilText('was revoked')).toContain('401 Unauthorized')
    expect(seen).toHaveLength(1)
    client.socket.destroy()
  })

  test('another public key in the table holds for its next request', async () => {
    const gateway = await gatewayWith({ tokens, keys: [] })
    const client = new RawClient(gateway.port)
    client.send(request(good))
    await client.untilText('hi')
    await reroute(gateway, { tokens: { ...tokens, keys: [keyRoute('ES256')] }, keys: [] })
    client.send(request(good))
    expect(await client.untilText('is not one of this service')).toContain('401 Unauthorized')
    expect(seen).toHaveLength(1)
    client.socket.destroy()
  })

  test('a refused token does not keep a good one out, nor the other way round', async () => {
    const client = new RawClient((await gatewayWith({ tokens, keys: [] })).port)
    const bad = `${good.slice(0, -4)}AAAA`
    client.send([good, bad, bad, good].map(request).join(''))
    client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    const text = await client.untilEnd()
    expect(text.match(/HTTP\/1\.1 \d+/g)?.map((line) => line.slice(9))).toEqual([
      '200',
      '401',
      '401',
      '200',
      '401',
    ])
  })
})

describe('the subject', () => {
  const access: AccessRoute = { tokens: { ...tokens, subjectHeader: 'X-Subject' }, keys }

  test('is told to the replica, and no client can say another', async () => {
    const gateway = await gatewayWith(access)
    const lies = 'X-Subject: root\r\nx-subject: root\r\nX_SUBJECT: root\r\n'
    const listed = 'Connection: X-Subject\r\n'
    expect(statusOf(await ask(gateway, `${lies}X-Subjects: a\r\n${listed}${bearer(good)}${lies}`))).toBe(200)
    const sent = seen.flat()
    expect(sent.filter((text) => /^x.subject$/i.test(text))).toEqual(['X-Subject'])
    expect(sent[sent.indexOf('X-Subject') + 1]).toBe('ann')
    expect(sent).toEqual(expect.arrayContaining(['X-Subjects', 'a']))
    expect(sent).not.toContain('root')
  })

  test('is removed from a request that a key lets in, and from a preflight', async () => {
    const gateway = await gatewayWith({ ...access, allowsPreflight: true })
    const preflight = 'Access-Control-Request-Method: POST\r\n'
    await ask(gateway, `X-Subject: root\r\nX-Api-Key: ${key}\r\n`)
    await ask(gateway, `X-Subject: root\r\n${preflight}`, 'OPTIONS / HTTP/1.1')
    expect(seen).toHaveLength(2)
    expect(seen.flat()).not.toContain('root')
  })

  test('has a rate of its own', async () => {
    const clock = { now: () => systemClock.now(), monotonicMs: () => 1_000 }
    const ratePerSubject = { requestsPerSecond: 1, burst: 2 }
    const gateway = await gatewayWith({ tokens: { ...tokens, ratePerSubject }, keys: [] }, clock)
    const ofAnn = [good, tokenOf({ ...claims, jti: 'j2' }), tokenOf({ ...claims, jti: 'j3' })]
    const statuses: number[] = []
    for (const token of [...ofAnn, tokenOf({ ...claims, sub: 'bob' })])
      statuses.push(statusOf(await ask(gateway, bearer(token))))
    expect(statuses).toEqual([200, 200, 429, 200])
    await reroute(gateway, { tokens: { ...tokens, ratePerSubject, issuer: 'else' }, keys: [] })
    await reroute(gateway, { tokens: { ...tokens, ratePerSubject }, keys: [] })
    expect(statusOf(await ask(gateway, bearer(good)))).toBe(429)
  })

  test('is remembered for the 10,000 that asked last, and no more', () => {
    const ratePerSubject = { requestsPerSecond: 1, burst: 1 }
    const limited = new ServiceAccess('hello', { tokens: { ...tokens, ratePerSubject } }, null)
    limited.divide(new ProcessShare(0, 1))
    const bucketOf = (subject: string) => limited.tokens?.subjects?.bucketOf(subject, 0)
    const [first, second1] = [bucketOf('s0'), bucketOf('s1')]
    for (let at = 2; at < 10_000; at += 1) bucketOf(`s${at}`)
    expect(bucketOf('s0')).toBe(first)
    bucketOf('one more')
    expect(bucketOf('s0')).toBe(first)
    expect(bucketOf('s1')).not.toBe(second1)
  })
})
