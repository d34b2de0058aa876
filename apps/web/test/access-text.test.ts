import { expect, it } from 'vitest'
import type { ServiceAccessView, ServiceKeyView } from '@skykeep/core/service-key-views'
import {
  credentialText,
  keyStateOf,
  lifetimeText,
  rateText,
  signersText,
} from '../src/features/access/access-text.ts'

const tokens = {
  keys: [
    { kid: 'main', alg: 'EdDSA' },
    { kid: null, alg: 'ES256' },
  ],
  issuer: null,
  audience: null,
  leewaySeconds: 30,
  maxLifetimeSeconds: 3600,
  requiredClaims: {},
  subjectHeader: null,
  ratePerSubject: null,
} as const
const access: ServiceAccessView = {
  allow: null,
  isKeyRequired: false,
  isCredentialForwarded: false,
  isPreflightAllowed: false,
  rate: null,
  ratePerKey: null,
  tokens: null,
}

it('says what a request must show', () => {
  expect(credentialText(access)).toBe('Nothing')
  expect(credentialText({ ...access, isKeyRequired: true })).toBe('A key of the service')
  expect(credentialText({ ...access, tokens })).toBe('A signed token')
  expect(credentialText({ ...access, tokens, isKeyRequired: true })).toContain('or a signed token')
  expect(signersText(tokens)).toBe('main (EdDSA), without a name (ES256)')
})

it('says limits and lives in words', () => {
  expect(rateText(null)).toBe('No limit')
  expect(rateText({ requestsPerSecond: 1, burst: 4 })).toBe('1 request a second, 4 at once after a pause')
  expect(rateText({ requestsPerSecond: 0.5, burst: 1 })).toContain('0.5 requests a second')
  expect([86_400, 172_800, 3600, 5400, 60].map(lifetimeText)).toEqual([
    '1 day',
    '2 days',
    '1 hour',
    '90 minutes',
    '1 minute',
  ])
})

it('a key holds until it is revoked or its time has come', () => {
  const key: ServiceKeyView = {
    uid: 'key_1',
    name: 'app',
    ending: 'abcd',
    createdAtMs: 0,
    createdBy: 'ann',
    expiresAtMs: 2_000,
    revokedAtMs: null,
  }
  expect(keyStateOf(key, 1_999)).toBe('holds')
  expect(keyStateOf(key, 2_000)).toBe('expired')
  expect(keyStateOf({ ...key, revokedAtMs: 1 }, 2_000)).toBe('revoked')
  expect(keyStateOf({ ...key, expiresAtMs: null }, 1e15)).toBe('holds')
})
