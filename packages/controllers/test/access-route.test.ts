import { describe, expect, it } from 'vitest'
import { accessOf } from '../src/routes/access-route.ts'

const keys = [{ name: 'app', hash: 'a'.repeat(64) }]

describe('the access of a route', () => {
  it('has keys only where one is required, and an empty list lets nobody in', () => {
    expect(accessOf({ allow: ['10.0.0.0/8'] }, keys)).toEqual({ allow: ['10.0.0.0/8'] })
    expect(accessOf({ requireKey: true }, keys)).toEqual({ keys })
    expect(accessOf({ requireKey: true }, [])).toEqual({ keys: [] })
  })

  it('has a burst of one second where none is said, at least 1', () => {
    expect(accessOf({ requestsPerSecond: 0.2 }, [])).toEqual({ rate: { requestsPerSecond: 0.2, burst: 1 } })
    expect(accessOf({ requestsPerSecond: 2.5, burst: 9 }, []).rate?.burst).toBe(9)
    const ofKey = accessOf({ requireKey: true, forwardKey: true, keyRequestsPerSecond: 2.5 }, keys)
    expect(ofKey).toEqual({ keys, forwardsKey: true, ratePerKey: { requestsPerSecond: 2.5, burst: 3 } })
  })
})
