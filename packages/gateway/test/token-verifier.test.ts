import { createHmac } from 'node:crypto'
import type { TokensRoute } from '@skykeep/core/routes'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TokenVerifier } from '../src/token-verifier.ts'
import { base64Url, keyRoute, pairs, signatureOf, stranger, tokenOf } from './token-maker.ts'

const now = 1_800_000_000
const rules: TokensRoute = { keys: [keyRoute('EdDSA')], leewaySeconds: 30, maxLifetimeSeconds: 3600 }
const claims = { sub: 'ann', iat: now, exp: now + 600 }

function verdict(token: string, changed: Partial<TokensRoute> = {}, at = now): string {
  const verifier = new TokenVerifier({ ...rules, ...changed }, null)
  const found = verifier.find(token)
  return found === null ? 'unknown' : (verifier.faultOf(found, at * 1000) ?? 'holds')
}

describe('a token', () => {
  test.each(['EdDSA', 'ES256', 'RS256'] as const)('of %s holds, by PEM and by JWK', (alg) => {
    const token = tokenOf(claims, { alg })
    expect(verdict(token, { keys: [keyRoute(alg)] })).toBe('holds')
    const members = Object.entries(pairs[alg].publicKey.export({ format: 'jwk' }))
    const jwk = Object.fromEntries(members.map(([name, value]) => [name, String(value)]))
    expect(verdict(token, { keys: [{ alg, jwk }] })).toBe('holds')
  })

  test.each([
    ['without exp', { exp: undefined }, 'malformed'],
    ['without iat', { iat: undefined }, 'malformed'],
    ['with exp as text', { exp: String(now + 600) }, 'malformed'],
    ['with exp null', { exp: null }, 'malformed'],
    ['with exp far beyond time', { exp: 1e300 }, 'malformed'],
    ['with exp negative', { exp: -1 }, 'malformed'],
    ['with iat as text', { iat: '0' }, 'malformed'],
    ['with nbf as text', { nbf: '0' }, 'malformed'],
    ['with sub as list', { sub: ['ann'] }, 'malformed'],
    ['with sub of 256 characters', { sub: 'a'.repeat(256) }, 'malformed'],
    ['with jti as number', { jti: 7 }, 'malformed'],
    ['within the leeway after exp', { exp: now - 29, iat: now - 60 }, 'holds'],
    ['at the end of the leeway', { exp: now - 30, iat: now - 60 }, 'expired'],
    ['nbf within the leeway', { nbf: now + 30 }, 'holds'],
    ['nbf beyond it', { nbf: now + 31 }, 'early'],
    ['issued within the leeway', { iat: now + 30 }, 'holds'],
    ['issued in the future', { iat: now + 31 }, 'early'],
    ['of the longest life', { exp: now + 3600 }, 'holds'],
    ['that holds a second too long', { exp: now + 3601 }, 'long_lived'],
    ['that holds too long, near its end', { exp: now + 60, iat: now - 3541 }, 'long_lived'],
    ['with an audience where none is known', { aud: 'hello' }, 'audience'],
  ])('%s', (_, given, says) => {
    expect(verdict(tokenOf({ ...claims, ...given }))).toBe(says)
  })

  test.each([
    ['issuer', { iss: 'https://id.example.com' }, 'holds'],
    ['issuer', { iss: 'https://id.example.com/' }, 'issuer'],
    ['issuer', {}, 'issuer'],
    ['issuer', { iss: ['https://id.example.com'] }, 'issuer'],
    ['audience', { aud: 'hello' }, 'holds'],
    ['audience', { aud: ['other', 'hello'] }, 'holds'],
    ['audience', { aud: ['other'] }, 'audience'],
    ['audience', { aud: 'hello2' }, 'audience'],
    ['audience', { aud: [['hello']] }, 'audience'],
    ['audience', {}, 'audience'],
    ['claims', { scope: 'read chat', tier: ['a', 'pro'] }, 'holds'],
    ['claims', { scope: 'chatty', tier: 'pro' }, 'scope'],
    ['claims', { scope: 'chat', tier: 'a pro' }, 'scope'],
    ['claims', { scope: ['chat'] }, 'scope'],
    ['subjectHeader', { sub: undefined }, 'subject'],
    ['ratePerSubject', { sub: undefined }, 'subject'],
  ])('is checked by %s: %j %s', (rule, given, says) => {
    const all: Partial<TokensRoute> = {
      issuer: 'https://id.example.com',
      audience: 'hello',
      claims: { scope: 'chat', tier: 'pro' },
      subjectHeader: 'X-Subject',
      ratePerSubject: { requestsPerSecond: 1, burst: 1 },
    }
    expect(verdict(tokenOf({ ...claims, ...given }), { [rule]: Reflect.get(all, rule) })).toBe(says)
  })

  test('no claim is found on what every object has', () => {
    expect(verdict(tokenOf(claims), { claims: { toString: 'a' } })).toBe('scope')
    const payload = `{"iat":${now},"exp":${now + 600},"__proto__":{"scope":"chat"}}`
    expect(verdict(tokenOf({}, { payload }), { claims: { scope: 'chat' } })).toBe('scope')
  })

  test('the last of two members of one name counts, as every JSON reader here has it', () => {
    expect(verdict(tokenOf({}, { payload: `{"iat":0,"exp":${now + 600},"exp":1}` }))).toBe('expired')
  })
})

describe('an attack', () => {
  const good = tokenOf(claims)
  const [head = '', body = '', seal = ''] = good.split('.')
  const spki = pairs.EdDSA.publicKey.export({ format: 'pem', type: 'spki' }).toString()
  const hmacToken = (secret: string | Buffer): string => {
    const text = `${base64Url({ alg: 'HS256', typ: 'JWT' })}.${body}`
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`
  }
  const other = { ...keyRoute('ES256'), kid: 'es' }
  const withHeader = (header: object): string => tokenOf(claims, { header })

  test.each([
    ['alg none', `${base64Url({ alg: 'none' })}.${body}.`],
    ['alg none with a signature', `${base64Url({ alg: 'none' })}.${body}.${seal}`],
    ['alg None', withHeader({ alg: 'None' })],
    ['HS256 with the PEM for its secret', hmacToken(spki)],
    ['HS256 with the trimmed PEM', hmacToken(spki.trim())],
    ['HS256 with the DER', hmacToken(pairs.EdDSA.publicKey.export({ format: 'der', type: 'spki' }))],
    ['HS256 with nothing', hmacToken('')],
    ['the algorithm of another key', withHeader({ alg: 'ES256' })],
    ['the right signature under another name of it', withHeader({ alg: 'Ed25519' })],
    ['alg in another case', withHeader({ alg: 'eddsa' })],
    ['alg as a list', withHeader({ alg: ['EdDSA'] })],
    ['a key of nobody', tokenOf(claims, { key: stranger.privateKey })],
    [
      'a key that it brings along',
      tokenOf(claims, {
        key: stranger.privateKey,
        header: { jwk: stranger.publicKey.export({ format: 'jwk' }) },
      }),
    ],
    ['crit', withHeader({ crit: ['exp'] })],
    ['an unencoded payload', withHeader({ b64: false })],
    ['a token for something else', withHeader({ typ: 'dpop+jwt' })],
    ['a kid that is a number', withHeader({ kid: 7 })],
    ['another payload', `${head}.${base64Url({ ...claims, sub: 'root' })}.${seal}`],
    ['a payload that is a list', tokenOf({}, { payload: '[1]' }), 'malformed'],
    ['a payload that is no JSON', tokenOf({}, { payload: 'a' }), 'malformed'],
    [
      'a payload that begins with a BOM',
      tokenOf({}, { payload: `\uFEFF${JSON.stringify(claims)}` }),
      'malformed',
    ],
    ['no signature', `${head}.${body}.`],
    ['two parts', `${head}.${body}`],
    ['four parts', `${good}.${seal}`],
    ['five parts, as an encrypted one has', `${head}.${body}.${seal}.${body}.${seal}`],
    ['a doubled dot', `${head}..${body}.${seal}`],
    ['a dot before', `.${good}`],
    ['a dot behind', `${good}.`],
    ['only dots', '..'],
    ['padding', `${good}==`],
    ['padding within', `${head}=.${body}.${seal}`],
    ['a blank within', `${head}.${body} .${seal}`],
    ['a signature of zeros', `${head}.${body}.${Buffer.alloc(64).toString('base64url')}`],
    [
      'a signature of 63 bytes',
      `${head}.${body}.${Buffer.from(seal, 'base64url').subarray(1).toString('base64url')}`,
    ],
    ['over 8,192 characters', tokenOf({ ...claims, pad: 'a'.repeat(6100) })],
    ['a header of nesting', `${base64Url(`${'['.repeat(3000)}`)}.${body}.${seal}`],
  ])('by %s opens nothing', (_, token, says = 'unknown') => {
    expect(verdict(token)).toBe(says)
    expect(verdict(token, { keys: [...rules.keys, other] })).toBe(says)
  })

  test.each(['es', '../../dev/null', 'toString', '__proto__', "' OR 1=1 --", '', 'x'.repeat(5000)])(
    'by the kid %j opens nothing',
    (kid) => {
      const keys = [{ ...keyRoute('EdDSA'), kid: 'main' }, other]
      expect(verdict(tokenOf(claims, { header: { kid } }), { keys })).toBe('unknown')
    },
  )

  test('with ES256: zeros, DER, and a signature of another length open nothing', () => {
    const keys = [keyRoute('ES256')]
    const text = `${base64Url({ alg: 'ES256' })}.${body}`
    const right = Buffer.from(signatureOf('ES256', pairs.ES256.privateKey, text), 'base64url')
    const r = right.subarray(0, 32)
    const der = Buffer.concat([
      Buffer.from([0x30, 70, 2, 33, 0]),
      r,
      Buffer.from([2, 33, 0]),
      right.subarray(32),
    ])
    const seals = [Buffer.alloc(64), der, right.subarray(0, 63), Buffer.concat([right, Buffer.alloc(1)])]
    const verdicts = seals.map((bytes) => verdict(`${text}.${bytes.toString('base64url')}`, { keys }))
    expect(verdicts).toEqual(seals.map(() => 'unknown'))
    expect(verdict(`${text}.${right.toString('base64url')}`, { keys })).toBe('holds')
  })

  test('by any change of one character, or any cut, opens nothing', () => {
    const alphabet = 'ABCxyz019-_+/=. \u0000\u00ff'
    const changed = fc
      .tuple(fc.nat(good.length - 1), fc.constantFrom(...alphabet))
      .map(([at, char]) => good.slice(0, at) + char + good.slice(at + 1))
      .filter((text) => text !== good)
    const isRefused = (text: string): boolean => verdict(text) === 'unknown'
    expect(fc.check(fc.property(changed, isRefused), { numRuns: 500 }).failed).toBe(false)
    const cut = fc.nat(good.length - 1).map((length) => good.slice(0, length))
    expect(fc.check(fc.property(cut, isRefused), { numRuns: 200 }).failed).toBe(false)
  })

  test('by any text never throws', () => {
    const part = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json().map((text) => base64Url(text)),
      fc.constantFrom(head, body, seal, ''),
    )
    const anyText = fc
      .array(part, { maxLength: 5 })
      .map((parts) => parts.join('.'))
      .filter((text) => text !== good)
    const isRefused = fc.property(anyText, (text) => verdict(text) === 'unknown')
    expect(fc.check(isRefused, { numRuns: 1000 }).failed).toBe(false)
  })
})

describe('keys', () => {
  const keys = [keyRoute('EdDSA', 'ed'), keyRoute('ES256', 'es'), keyRoute('RS256')]
  const named = (alg: 'EdDSA' | 'ES256' | 'RS256', kid?: string): string =>
    tokenOf(claims, { alg, header: kid === undefined ? {} : { kid } })

  test('are chosen by kid; one without it serves the tokens that name no other', () => {
    expect(verdict(named('EdDSA', 'ed'), { keys })).toBe('holds')
    expect(verdict(named('ES256', 'es'), { keys })).toBe('holds')
    expect(verdict(named('RS256'), { keys })).toBe('holds')
    expect(verdict(named('RS256', 'else'), { keys })).toBe('holds')
    expect(verdict(named('EdDSA', 'es'), { keys })).toBe('unknown')
    expect(verdict(named('EdDSA'), { keys })).toBe('unknown')
  })

  test('a single one with a kid serves tokens without, and none of another kid', () => {
    const one = keys.slice(0, 1)
    expect(verdict(named('EdDSA'), { keys: one })).toBe('holds')
    expect(verdict(named('EdDSA', 'ed2'), { keys: one })).toBe('unknown')
  })

  test('one that cannot be read opens nothing, and harms no other', () => {
    const broken = { kid: 'broken', alg: 'EdDSA', spki: 'AAAA' } as const
    expect(verdict(named('EdDSA', 'ed'), { keys: [broken, ...keys] })).toBe('holds')
    expect(verdict(named('EdDSA', 'broken'), { keys: [broken] })).toBe('unknown')
    expect(verdict(named('EdDSA'), { keys: [] })).toBe('unknown')
  })
})

describe('a revocation', () => {
  test('of a token by its id, and of what a subject was issued until then', () => {
    const revoked = [
      { kind: 'token', value: 'j1', atMs: 0 },
      { kind: 'subject', value: 'bob', atMs: (now - 10) * 1000 },
    ] as const
    const says = (given: object): string =>
      verdict(tokenOf({ iat: now, exp: now + 60, ...given }), { revoked })
    expect(says({ jti: 'j1' })).toBe('revoked')
    expect(says({ jti: 'j2' })).toBe('holds')
    expect(says({ sub: 'j1' })).toBe('holds')
    expect(says({ sub: 'bob', iat: now - 100 })).toBe('revoked')
    expect(says({ sub: 'bob', iat: now - 10 })).toBe('revoked')
    // The issuer's clock may have been ahead.
    expect(says({ sub: 'bob', iat: now + 20 })).toBe('revoked')
    expect(says({ sub: 'bob', iat: now + 21 })).toBe('holds')
  })

  test('holds at once for a token that was checked before, and leaves the others known', () => {
    const before = new TokenVerifier(rules, null)
    const token = tokenOf({ ...claims, jti: 'j1' })
    const found = before.find(token)
    const after = new TokenVerifier({ ...rules, revoked: [{ kind: 'token', value: 'j1', atMs: 0 }] }, before)
    expect(after.find(token)).toBe(found)
    expect(found === null ? null : after.faultOf(found, now * 1000)).toBe('revoked')
    const elsewhere = new TokenVerifier({ ...rules, audience: 'hello' }, after)
    expect(elsewhere.find(token)).not.toBe(found)
  })
})

test('the subject that a replica is told is one line of visible ASCII, and tells every subject apart', () => {
  const verifier = new TokenVerifier(rules, null)
  const valueOf = (sub: string): string | undefined =>
    verifier.find(tokenOf({ ...claims, sub }))?.subjectValue
  expect(valueOf('auth0|ann@example.com')).toBe('auth0|ann@example.com')
  expect(valueOf('a\r\nX-Admin: 1')).toBe('a%0D%0AX-Admin:%201')
  expect(valueOf('100%')).toBe('100%25')
  expect(valueOf('Zoë 🦊')).toBe('Zo%C3%AB%20%F0%9F%A6%8A')
  const subject = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 60 })
    .filter((text) => text.isWellFormed())
  fc.assert(
    fc.property(subject, (sub) => {
      const value = valueOf(sub) ?? ''
      return /^[!-~]+$/.test(value) && decodeURIComponent(value) === sub
    }),
    { numRuns: 100 },
  )
})
