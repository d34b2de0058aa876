import { exhaustedOffers, pickOffer } from '@skykeep/controllers/replicas/choose-offer'
import { judgeLaunchFailure } from '@skykeep/controllers/replicas/launch-failure'
import { isChargeable, isWithoutCapacity, noCapacityPrefix } from '@skykeep/controllers/replicas/outcomes'
import { SkykeepError } from '@skykeep/core/errors'
import { replicaOutcomes } from '@skykeep/core/statuses'
import { ProviderError, providerErrorKinds, type ProviderErrorKind } from '@skykeep/provider-contract/errors'
import { describe, expect, it } from 'vitest'
import { replicaRow } from '../builders.ts'

describe('what follows from an error of a launch', () => {
  const verdicts: Readonly<Record<ProviderErrorKind, object>> = {
    capacity: { type: 'end', reason: 'NO_CAPACITY', message: `${noCapacityPrefix}why` },
    quota: { type: 'end', reason: 'NO_CAPACITY', message: `${noCapacityPrefix}why` },
    invalid: { type: 'end', reason: 'LAUNCH_REFUSED', message: 'why' },
    credentials: { type: 'retry', afterMs: null, message: 'why' },
    'rate-limit': { type: 'retry', afterMs: null, message: 'why' },
    'not-found': { type: 'retry', afterMs: null, message: 'why' },
    transient: { type: 'retry', afterMs: null, message: 'why' },
  }
  it.each(providerErrorKinds)('%s', (kind) => {
    expect(judgeLaunchFailure(new ProviderError(kind, 'why'))).toEqual(verdicts[kind])
  })

  it('an infra that says when to come again is heard', () => {
    const error = new ProviderError('rate-limit', 'slow down', { retryAfterMs: 7_000 })
    expect(judgeLaunchFailure(error)).toEqual({ type: 'retry', afterMs: 7_000, message: 'slow down' })
  })

  it('our own errors: what is invalid ends it, a stale lease shows nothing, the unknown shows nothing', () => {
    expect(judgeLaunchFailure(new SkykeepError('INVALID_INPUT', 'no'))).toMatchObject({ type: 'end' })
    expect(judgeLaunchFailure(new SkykeepError('KEY_MISSING', 'no key'))).toEqual({
      type: 'retry',
      afterMs: null,
      message: 'no key',
    })
    for (const error of [new SkykeepError('STALE_LEASE', 'x'), new Error('x'), 'x']) {
      expect(judgeLaunchFailure(error)).toEqual({ type: 'retry', afterMs: null, message: null })
    }
  })
})

describe('what an end is charged to', () => {
  it.each(replicaOutcomes)('%s', (outcome) => {
    const isForgiven = outcome === 'REMOVED' || outcome === 'LOST' || outcome === 'PREEMPTED'
    expect(isChargeable({ outcome, statusReason: 'x' })).toBe(!isForgiven)
    const starved = { outcome, statusReason: `${noCapacityPrefix}out of stock; nothing of it is left` }
    expect([isWithoutCapacity(starved), isChargeable(starved)]).toEqual([
      outcome === 'FAILED_PROVISION',
      !isForgiven && outcome !== 'FAILED_PROVISION',
    ])
  })

  it('one that goes on is charged nothing', () => {
    expect(isChargeable({ outcome: null, statusReason: noCapacityPrefix })).toBe(false)
  })
})

describe('the choice among offers', () => {
  const starved = (replicaId: number, offerId: string) =>
    replicaRow(replicaId, { outcome: 'FAILED_PROVISION', statusReason: `${noCapacityPrefix}x`, offerId })
  const offerOf = (id: string) => ({
    id,
    region: 'r',
    zone: 'z',
    instanceType: 't',
    cpus: 1,
    memoryGiB: 1,
    isSpot: false,
    priceUsdPerHour: 1,
  })
  const offers = ['a', 'b', 'c'].map(offerOf)

  it.each([
    ['nothing is known: the first', [], 'a'],
    ['the first is exhausted', ['a'], 'b'],
    ['all are: the one that was tried longest ago', ['c', 'a', 'b'], 'b'],
  ])('%s', (_name, exhausted, expected) => {
    expect(pickOffer(offers, exhausted)?.id).toBe(expected)
  })

  it('remembers back to the newest replica that had a node', () => {
    const found = replicaRow(2, { outcome: 'FAILED', nodeId: 'n', offerId: 'b' })
    const removed = replicaRow(4, { outcome: 'REMOVED', offerId: 'c' })
    expect(exhaustedOffers([starved(1, 'a'), found, starved(3, 'b'), removed, starved(5, 'c')])).toEqual([
      'c',
      'b',
    ])
    expect(pickOffer([], ['a'])).toBeUndefined()
  })
})
