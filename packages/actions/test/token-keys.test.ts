import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { expect, it } from 'vitest'
import { checkTokenKeys } from '@skykeep/actions/versions/token-keys'

const ed = generateKeyPairSync('ed25519').publicKey
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey
const derOf = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'spki' })
const spkiOf = (key: KeyObject): string => derOf(key).toString('base64')

it('public keys of tokens are taken where the gateway can check with them', () => {
  const { kty = '', crv = '', x = '', y = '' } = ec.export({ format: 'jwk' })
  const keys = [
    { alg: 'EdDSA', spki: spkiOf(ed) },
    { alg: 'ES256', spki: spkiOf(ec) },
    { alg: 'ES256', jwk: { kty, crv, x, y } },
    { alg: 'RS256', spki: spkiOf(rsa) },
  ] as const
  expect(() => checkTokenKeys(keys)).not.toThrow()
})

it('one that is no point of its curve, of another kind, short or torn is refused by its name', () => {
  const offCurve = derOf(ec)
  offCurve.fill(1, offCurve.length - 64)
  const short = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey
  const broken = [
    { alg: 'ES256', spki: offCurve.toString('base64') },
    { alg: 'ES256', spki: spkiOf(ed) },
    { alg: 'EdDSA', spki: spkiOf(ec) },
    { alg: 'RS256', spki: spkiOf(short) },
    { alg: 'EdDSA', spki: spkiOf(ed).slice(4) },
    { alg: 'EdDSA', jwk: { kty: 'OKP', crv: 'Ed25519', x: 'a' } },
  ] as const
  for (const key of broken) {
    expect(() => checkTokenKeys([{ kid: 'main', ...key }])).toThrow(
      expect.objectContaining({ code: 'INVALID_INPUT', userMessage: expect.stringContaining('`main`') }),
    )
  }
})
