import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import type { TokenAlgorithm, TokenKeySpec } from '@skykeep/core/service-spec'

export const pairs = {
  EdDSA: generateKeyPairSync('ed25519'),
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
}
/** Of nobody who is known. */
export const stranger = generateKeyPairSync('ed25519')

export function keyRoute(alg: TokenAlgorithm, kid?: string): TokenKeySpec {
  const spki = pairs[alg].publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
  return { ...(kid === undefined ? {} : { kid }), alg, spki }
}

export function base64Url(value: object | string): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
}

export function signatureOf(alg: TokenAlgorithm, key: KeyObject, text: string): string {
  const bytes = Buffer.from(text)
  if (alg === 'EdDSA') return sign(null, bytes, key).toString('base64url')
  return sign('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')
}

export interface TokenWish {
  readonly alg?: TokenAlgorithm
  /** Signs it; that of `alg` unless said. */
  readonly key?: KeyObject
  /** More of the header, or other members. */
  readonly header?: object
  /** The payload as it stands, instead of JSON of the claims. */
  readonly payload?: string
}

/** A token as an issuer makes it: whole and rightly signed, whatever it says. */
export function tokenOf(claims: object, wish: TokenWish = {}): string {
  const { alg = 'EdDSA', key = pairs[alg].privateKey, header = {}, payload = JSON.stringify(claims) } = wish
  const text = `${base64Url({ alg, typ: 'JWT', ...header })}.${base64Url(payload)}`
  return `${text}.${signatureOf(alg, key, text)}`
}
