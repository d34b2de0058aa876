import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { readPem } from '../src/token-key.ts'
import { parsed, problemsOf } from './parse.ts'
import { service } from './tables.ts'

const pairs = {
  EdDSA: generateKeyPairSync('ed25519'),
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
}
const ed = pairs.EdDSA.publicKey

function pemOf(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'spki' }).toString()
}
function privatePem(key: KeyObject): string {
  return key.export({ format: 'pem', type: 'pkcs8' }).toString()
}
function tokens(given: object): string {
  return service(stringify({ load_balancer: { access: { tokens: given } } }).trimEnd())
}
function keys(...items: readonly unknown[]): string {
  return tokens({ public_keys: items })
}

describe('service.load_balancer.access.tokens', () => {
  it('reads every key, and fills in what is not said', () => {
    const spki = ed.export({ format: 'der', type: 'spki' }).toString('base64')
    expect(parsed(keys({ pem: pemOf(ed) })).spec.service.access).toEqual({
      tokens: { publicKeys: [{ alg: 'EdDSA', spki }], leewaySeconds: 30, maxLifetimeSeconds: 86_400 },
    })
    const whole = {
      public_keys: [{ kid: 'a', pem: pemOf(ed), alg: 'EdDSA' }, { pem: pemOf(pairs.ES256.publicKey) }],
      issuer: 'https://id.example.com',
      audience: 'hello',
      leeway_seconds: 0,
      max_lifetime_seconds: 3600,
      required_claims: { scope: 'chat' },
      requests_per_second: 0.5,
      burst: 3,
      subject_header: 'X-Subject',
    }
    expect(parsed(tokens(whole)).spec.service.access?.tokens).toMatchObject({
      publicKeys: [
        { kid: 'a', alg: 'EdDSA', spki },
        { alg: 'ES256', spki: expect.any(String) },
      ],
      issuer: 'https://id.example.com',
      audience: 'hello',
      leewaySeconds: 0,
      maxLifetimeSeconds: 3600,
      requiredClaims: { scope: 'chat' },
      requestsPerSecond: 0.5,
      burst: 3,
      subjectHeader: 'X-Subject',
    })
  })

  it.each(['EdDSA', 'ES256', 'RS256'] as const)('tells from the key alone that it is for %s', (alg) => {
    const { publicKey } = pairs[alg]
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k', use: 'sig', x5t: 'left aside' }
    for (const item of [{ kid: 'k', pem: pemOf(publicKey) }, { jwk }, { jwk: JSON.stringify(jwk) }]) {
      expect(parsed(keys(item)).spec.service.access?.tokens?.publicKeys).toMatchObject([{ kid: 'k', alg }])
    }
    const [fromJwk] = parsed(keys({ jwk })).spec.service.access?.tokens?.publicKeys ?? []
    expect(fromJwk?.jwk).toEqual(publicKey.export({ format: 'jwk' }))
  })

  const pem = pemOf(ed)
  const rsa1024 = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey
  const secret = 'c2hhcmVkLXNlY3JldC10aGF0LW5vYm9keS1zaG91bGQtc2Vl'
  it.each([
    ['HS256 by its name', { pem, alg: 'HS256' }, 'alg', 'shared secret', 'route table'],
    [
      'HS512 in a JWK',
      { jwk: { ...ed.export({ format: 'jwk' }), alg: 'HS512' } },
      'jwk',
      'shared secret',
      'EdDSA',
    ],
    [
      'HS512 in the text of a JWK',
      { jwk: JSON.stringify({ ...ed.export({ format: 'jwk' }), alg: 'HS512' }) },
      'jwk',
      'shared secret',
      'EdDSA',
    ],
    ['a shared secret as JWK', { jwk: { kty: 'oct', k: secret } }, 'jwk', 'shared secret', 'route table'],
    ['none', { pem, alg: 'none' }, 'alg', 'nobody signed', 'EdDSA'],
    ['an algorithm of another key', { pem, alg: 'ES256' }, 'alg', 'for `EdDSA`', 'leave `alg` out'],
    ['a private key', { pem: privatePem(pairs.EdDSA.privateKey) }, 'pem', 'private key', 'another pair'],
    [
      'a private JWK',
      { jwk: pairs.ES256.privateKey.export({ format: 'jwk' }) },
      'jwk',
      'private key',
      'another',
    ],
    ['a path', { pem: 'keys/public.pem' }, 'pem', 'PEM', 'not the path'],
    ['two keys in one text', { pem: pem + pem }, 'pem', 'PEM', 'pem: |'],
    ['RSA of 1024 bits', { pem: pemOf(rsa1024) }, 'pem', 'no kind', 'openssl'],
    ['P-384', { pem: pemOf(p384) }, 'pem', 'no kind', 'openssl'],
    ['a JWK for encryption', { jwk: { ...ed.export({ format: 'jwk' }), use: 'enc' } }, 'jwk', '`use`', 'sig'],
    ['a JWK without its key', { jwk: { kty: 'OKP', crv: 'Ed25519' } }, 'jwk', '`x`', 'whole JWK'],
    ['a list as JWK', { jwk: [1] }, 'jwk', 'JSON Web Key', 'kty'],
    ['both forms', { pem, jwk: {} }, 'pem', 'one of the two', 'one form'],
  ])('refuses %s with the reason, and shows nothing of it', (_, item, ...rest) => {
    const [key = '', says = '', hint = ''] = rest.map(String)
    const [problem, ...more] = problemsOf(keys(item))
    expect(more).toEqual([])
    expect(problem?.path).toContain('access.tokens.public_keys[0]')
    expect(problem?.path.endsWith(key)).toBe(true)
    expect(problem?.message).toContain(says)
    expect(problem?.hint).toContain(hint)
    const shown = JSON.stringify(problem)
    for (const line of [...privatePem(pairs.EdDSA.privateKey).split('\n').slice(1, 2), secret])
      expect(shown).not.toContain(line)
    expect(shown).not.toContain(String(pairs.ES256.privateKey.export({ format: 'jwk' }).d))
  })

  it.each([
    ['no key', { issuer: 'a' }, 'tokens'],
    ['an empty list', { public_keys: [] }, 'public_keys'],
    ['a text for a key', { public_keys: [pem] }, 'public_keys[0]'],
    ['nothing of a key', { public_keys: [{ kid: 'a' }] }, 'public_keys[0]'],
    [
      'one kid twice',
      {
        public_keys: [
          { kid: 'a', pem },
          { kid: 'a', pem },
        ],
      },
      'public_keys[1]',
    ],
    ['two keys without kid', { public_keys: [{ pem }, { pem }] }, 'public_keys[1]'],
    ['an empty kid', { public_keys: [{ kid: '', pem }] }, 'public_keys[0]'],
    ['an empty issuer', { public_keys: [{ pem }], issuer: '' }, 'issuer'],
    ['a list of audiences', { public_keys: [{ pem }], audience: ['a'] }, 'audience'],
    ['a long leeway', { public_keys: [{ pem }], leeway_seconds: 301 }, 'leeway_seconds'],
    ['a life without end', { public_keys: [{ pem }], max_lifetime_seconds: 1e9 }, 'max_lifetime_seconds'],
    ['a burst without a rate', { public_keys: [{ pem }], burst: 3 }, 'burst'],
    [
      'a claim that is a number',
      { public_keys: [{ pem }], required_claims: { tier: 3 } },
      'required_claims.tier',
    ],
    ['Host for the subject', { public_keys: [{ pem }], subject_header: 'Host' }, 'subject_header'],
    ['a forwarding header', { public_keys: [{ pem }], subject_header: 'X-Forwarded-For' }, 'subject_header'],
    ['a framing header', { public_keys: [{ pem }], subject_header: 'Content-Length' }, 'subject_header'],
    ['a name with underscores', { public_keys: [{ pem }], subject_header: 'X_User' }, 'subject_header'],
    ['an unknown key', { public_keys: [{ pem }], secret: 'a' }, 'secret'],
  ])('refuses %s at its place', (_, given, path) => {
    const [problem, ...more] = problemsOf(tokens(given))
    expect(more).toEqual([])
    expect(problem?.path.endsWith(path)).toBe(true)
    expect(problem?.hint).not.toBe('')
  })

  it('lets the keys that speak of credentials stand beside it without `require_key`', () => {
    const access = { tokens: { public_keys: [{ pem }] }, forward_key: true, allow_preflight: true }
    const text = service(stringify({ load_balancer: { access } }).trimEnd())
    expect(parsed(text).spec.service.access).toMatchObject({ forwardKey: true, allowPreflight: true })
  })
})

describe('a key in PEM form', () => {
  it('is never taken when a byte of its head is another, and no text throws', () => {
    const der = ed.export({ format: 'der', type: 'spki' })
    const flipped = fc.tuple(fc.nat(11), fc.integer({ min: 1, max: 255 })).map(([at, by]) => {
      const changed = Buffer.from(der)
      changed[at] = (changed[at] ?? 0) ^ by
      return `-----BEGIN PUBLIC KEY-----\n${changed.toString('base64')}\n-----END PUBLIC KEY-----\n`
    })
    const isRefused = (text: string): boolean => 'fault' in readPem(text)
    expect(fc.check(fc.property(flipped, isRefused)).failed).toBe(false)
    expect(fc.check(fc.property(fc.string({ unit: 'binary' }), isRefused)).failed).toBe(false)
  })
})
