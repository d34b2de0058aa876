import { describe, expect, it } from 'vitest'
import { accessOf } from '../src/routes/access-route.ts'

const nowMs = 1_000_000_000
const keys = [{ name: 'app', hash: 'a'.repeat(64) }]
const none = { keys: [], revocations: [], nowMs }
const withKeys = { ...none, keys }

describe('the access of a route', () => {
  it('has keys only where one is required, and an empty list lets nobody in', () => {
    expect(accessOf({ allow: ['10.0.0.0/8'] }, withKeys)).toEqual({ allow: ['10.0.0.0/8'] })
    expect(accessOf({ requireKey: true }, withKeys)).toEqual({ keys })
    expect(accessOf({ requireKey: true }, none)).toEqual({ keys: [] })
  })

  it('has a burst of one second where none is said, at least 1', () => {
    expect(accessOf({ requestsPerSecond: 0.2 }, none)).toEqual({ rate: { requestsPerSecond: 0.2, burst: 1 } })
    expect(accessOf({ requestsPerSecond: 2.5, burst: 9 }, none).rate?.burst).toBe(9)
    const ofKey = accessOf({ requireKey: true, forwardKey: true, keyRequestsPerSecond: 2.5 }, withKeys)
    expect(ofKey).toEqual({ keys, forwardsKey: true, ratePerKey: { requestsPerSecond: 2.5, burst: 3 } })
  })

  it('has an empty list of keys beside tokens alone, so that a gateway that knows no tokens lets nobody in', () => {
    const rules = { leewaySeconds: 30, maxLifetimeSeconds: 3600, issuer: 'https://id.example.com' }
    const publicKeys = [{ alg: 'EdDSA', spki: 'a' }] as const
    const tokens = { ...rules, publicKeys, requestsPerSecond: 2, requiredClaims: { scope: 'chat' } }
    const route = { ...rules, keys: publicKeys, claims: { scope: 'chat' } }
    const ratePerSubject = { requestsPerSecond: 2, burst: 2 }
    expect(accessOf({ tokens }, withKeys)).toEqual({ keys: [], tokens: { ...route, ratePerSubject } })
    expect(accessOf({ tokens, requireKey: true }, withKeys)).toMatchObject({ keys, tokens: route })
  })

  it('names what was revoked for as long as a token may hold that it is about', () => {
    const tokens = { publicKeys: [], leewaySeconds: 30, maxLifetimeSeconds: 3600 }
    const agesSeconds = [0, 3659, 3660, 90_000]
    const revocations = agesSeconds.map(
      (age) => ({ kind: 'token', value: `${age}`, atMs: nowMs - age * 1000 }) as const,
    )
    const route = accessOf({ tokens }, { ...none, revocations })
    expect(route.tokens?.revoked?.map(({ value }) => value)).toEqual(['0', '3659'])
    expect(accessOf({ requireKey: true }, { ...none, revocations })).toEqual({ keys: [] })
  })
})
