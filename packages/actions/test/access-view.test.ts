import { accessViewOf } from '@skykeep/actions/services/access-view'
import { expect, it } from 'vitest'

it('an open service has no rules of access', () => {
  expect(accessViewOf(undefined)).toBe(null)
})

it('says of each rule what holds, with the names of the public keys and never the keys', () => {
  const publicKeys = [
    { kid: 'main', alg: 'EdDSA', spki: 'MCow' },
    { alg: 'ES256', spki: 'MFkw' },
  ] as const
  const tokens = { publicKeys, leewaySeconds: 30, maxLifetimeSeconds: 3600, requestsPerSecond: 2.5 }
  const view = accessViewOf({ allow: ['10.0.0.0/8'], requestsPerSecond: 0.2, tokens })
  expect(view).toMatchObject({
    allow: ['10.0.0.0/8'],
    isKeyRequired: false,
    rate: { requestsPerSecond: 0.2, burst: 1 },
    ratePerKey: null,
    tokens: {
      keys: [
        { kid: 'main', alg: 'EdDSA' },
        { kid: null, alg: 'ES256' },
      ],
      issuer: null,
      requiredClaims: {},
      ratePerSubject: { requestsPerSecond: 2.5, burst: 3 },
    },
  })
  expect(JSON.stringify(view)).not.toContain('MCow')
})
