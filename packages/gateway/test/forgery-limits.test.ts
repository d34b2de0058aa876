import { hash } from 'node:crypto'
import { connect } from 'node:net'
import type { TokensRoute } from '@skykeep/core/routes'
import { systemClock } from '@skykeep/telemetry/system-clock'
import { describe, expect, it, test } from 'vitest'
import { clientOf, ForgeryLimits } from '../src/forgery-limits.ts'
import { TokenVerifier, type SignatureGate } from '../src/token-verifier.ts'
import { gatewayWith } from './guarded-gateway.ts'
import type { TestGateway } from './harness.ts'
import { keyRoute, stranger, tokenOf } from './token-maker.ts'

const nowSecond = Math.floor(systemClock.now() / 1000)
const tokens: TokensRoute = { keys: [keyRoute('EdDSA')], leewaySeconds: 30, maxLifetimeSeconds: 3600 }
const goodToken = (jti: string): string => tokenOf({ jti, iat: nowSecond, exp: nowSecond + 600 })
const forgedToken = (jti: string): string =>
  tokenOf({ jti, iat: nowSecond, exp: nowSecond + 600 }, { key: stranger.privateKey })

/** A gate that counts. */
class CountingGate implements SignatureGate {
  asked = 0
  forged = 0
  isShut = false

  isOpen(): boolean {
    this.asked += 1
    return !this.isShut
  }

  onForged(): void {
    this.forged += 1
  }
}

describe('a signature', () => {
  it('that did not hold is not checked again for the same token, until the keys change', () => {
    const gate = new CountingGate()
    const verifier = new TokenVerifier(tokens, null)
    const forged = forgedToken('a')
    for (let round = 0; round < 3; round += 1) expect(verifier.find(forged, gate)).toBeNull()
    expect(gate).toMatchObject({ asked: 1, forged: 1 })
    const revoking = new TokenVerifier(
      { ...tokens, revoked: [{ kind: 'token', value: 'z', atMs: 0 }] },
      verifier,
    )
    expect(revoking.find(forged, gate)).toBeNull()
    expect(gate).toMatchObject({ asked: 1, forged: 1 })
    const spki = stranger.publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
    const trusting = new TokenVerifier({ ...tokens, keys: [{ alg: 'EdDSA', spki }] }, revoking)
    expect(trusting.find(forged, gate)).toMatchObject({ tokenId: 'a' })
  })

  it('is not checked while the gate is shut, and nothing is remembered of it; tokens that were judged stay so', () => {
    const gate = new CountingGate()
    const verifier = new TokenVerifier(tokens, null)
    const [known, fresh, refused] = [goodToken('a'), goodToken('b'), forgedToken('c')]
    verifier.find(known, gate)
    verifier.find(refused, gate)
    gate.isShut = true
    expect(verifier.find(known, gate)).toMatchObject({ tokenId: 'a' })
    expect(verifier.find(refused, gate)).toBeNull()
    expect(verifier.find(fresh, gate)).toBe('unchecked')
    gate.isShut = false
    expect(verifier.find(fresh, gate)).toMatchObject({ tokenId: 'b' })
  })

  it('is not asked for where a token is none, or of no key: that costs nobody of his bound', () => {
    const gate = new CountingGate()
    const verifier = new TokenVerifier({ ...tokens, keys: [keyRoute('EdDSA', 'main')] }, null)
    for (const text of ['a.b.c', `${goodToken('a')}x`, tokenOf({}, { header: { kid: 'else' } })])
      expect(verifier.find(text, gate)).toBeNull()
    expect(gate.asked).toBe(0)
  })

  it('of the 4,096 forged tokens that came last is remembered, and no more', () => {
    const gate = new CountingGate()
    const verifier = new TokenVerifier(tokens, null)
    const [head = '', body = ''] = goodToken('a').split('.')
    const sealed = (n: number): string => {
      const signature = Buffer.alloc(64)
      signature.writeUInt32BE(n, 0)
      return `${head}.${body}.${signature.toString('base64url')}`
    }
    for (let n = 0; n < 4097; n += 1) verifier.find(sealed(n), gate)
    expect(gate.forged).toBe(4097)
    verifier.find(sealed(4096), gate)
    expect(gate.forged).toBe(4097)
    verifier.find(sealed(0), gate)
    expect(gate.forged).toBe(4098)
  })
})

describe('the bound of a client', () => {
  it('is 200 at once and 100 a second, each for itself', () => {
    const limits = new ForgeryLimits()
    for (let n = 0; n < 200; n += 1) {
      expect(limits.waitMs('a', 0)).toBe(0)
      limits.note('a', 0)
    }
    expect(limits.waitMs('a', 0)).toBeCloseTo(10)
    expect(limits.waitMs('b', 0)).toBe(0)
    expect(limits.waitMs('a', 10)).toBe(0)
    let passed = 0
    for (let now = 10; now < 10_010; now += 1) {
      if (limits.waitMs('a', now) > 0) continue
      limits.note('a', now)
      passed += 1
    }
    expect(passed).toBe(1000)
  })

  it('is kept for the 10,000 that forged last', () => {
    const limits = new ForgeryLimits()
    for (let n = 0; n < 200; n += 1) limits.note('a', 0)
    for (let n = 1; n < 10_000; n += 1) limits.note(`c${n}`, 0)
    expect(limits.waitMs('a', 0)).toBeGreaterThan(0)
    for (let n = 1; n < 10_000; n += 1) limits.note(`d${n}`, 0)
    expect(limits.waitMs('a', 0)).toBeGreaterThan(0)
    limits.note('one more', 0)
    limits.note('and one', 0)
    expect(limits.waitMs('c9999', 0)).toBe(0)
  })
})

test.each([
  ['10.0.0.1', '10.0.0.1'],
  ['::1', '0:0:0:0::/64'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::', '2001:db8:1:2::/64'],
  ['2001:DB8::2:3:4:5:6', '2001:db8:0:2::/64'],
  ['2001:db8::', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['64:ff9b::10.0.0.1', '64:ff9b:0:0::/64'],
])('the address %s is counted as %s', (address, client) => {
  expect(clientOf(address)).toBe(client)
})

describe('a client that floods a gateway with forged tokens', () => {
  /** Status lines and fields of the answers to requests that go out on one connection at once. */
  async function ask(gateway: TestGateway, from: string, fields: readonly string[]): Promise<string[]> {
    const socket = connect({ port: gateway.port, host: '127.0.0.1', localAddress: from })
    const heads = fields.map((field, at) => {
      const end = at === fields.length - 1 ? 'Connection: close\r\n' : ''
      return `GET / HTTP/1.1\r\nHost: a\r\n${field}\r\n${end}\r\n`
    })
    socket.write(heads.join(''))
    let text = ''
    for await (const part of socket) text += String(part)
    return text.split(/(?=HTTP\/1\.1 \d)/)
  }

  const bearer = (token: string): string => `Authorization: Bearer ${token}`
  const statusOf = (answer: string): number => Number(answer.slice(9, 12))

  it('is stopped before its signatures are checked; tokens that are known, keys and other addresses go on', async () => {
    let now = 0
    const clock = { now: () => systemClock.now(), monotonicMs: () => now }
    const gateway = await gatewayWith({ tokens, keys: [] }, clock)
    const known = bearer(goodToken('known'))
    const forged = Array.from({ length: 230 }, (_, n) => bearer(forgedToken(`f${n}`)))
    const answers = await ask(gateway, '127.0.0.2', [known, ...forged])
    expect(answers.map(statusOf)).toEqual([
      200,
      ...Array.from({ length: 200 }, () => 401),
      ...Array.from({ length: 30 }, () => 429),
    ])
    expect(answers.at(-1)).toContain('\r\nRetry-After: 1\r\n')
    expect(answers.at(-1)).not.toContain('WWW-Authenticate')
    const fresh = bearer(goodToken('fresh'))
    const later = await ask(gateway, '127.0.0.2', [known, fresh, forged[0] ?? '', bearer('a.b.c'), fresh])
    expect(later.map(statusOf)).toEqual([200, 429, 401, 401, 429])
    expect((await ask(gateway, '127.0.0.3', [fresh])).map(statusOf)).toEqual([200])
    // By now it is known.
    expect((await ask(gateway, '127.0.0.2', [fresh])).map(statusOf)).toEqual([200])
    now += 10
    const after = [bearer(goodToken('new')), bearer(forgedToken('new')), bearer(forgedToken('newer'))]
    expect((await ask(gateway, '127.0.0.2', after)).map(statusOf)).toEqual([200, 401, 429])
    const { refused } = gateway.gateway.plane.routes.serviceList[0]?.counter.totals ?? {}
    expect(refused).toMatchObject({ forged: 33, token: 203, rate: 0 })
  })

  it('may still show a key beside', async () => {
    const key = 'sk_hello_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG'
    const clock = { now: () => systemClock.now(), monotonicMs: () => 0 }
    const gateway = await gatewayWith({ tokens, keys: [{ name: 'app', hash: hash('sha256', key) }] }, clock)
    const forged = Array.from({ length: 201 }, (_, n) => bearer(forgedToken(`f${n}`)))
    const beside = `${bearer(forgedToken('more'))}\r\nX-Api-Key: ${key}`
    const answers = await ask(gateway, '127.0.0.2', [...forged, beside, beside.slice(0, -1)])
    expect(answers.slice(-3).map(statusOf)).toEqual([429, 200, 429])
  })
})
