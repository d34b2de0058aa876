import * as fc from 'fast-check'
import { loadBalancingPolicies } from '@skykeep/core/service-spec'
import { describe, expect, it } from 'vitest'
import { chooseReplica } from '../src/balance.ts'
import type { Candidate } from '../src/choice.ts'
import { nearLimitOf } from '../src/near-first.ts'
import { plainCandidate, plainChoice } from './plain-choice.ts'
import { randomFrom } from './random.ts'

const policy = fc.constantFrom(...loadBalancingPolicies)
const zones = fc.array(fc.boolean(), { minLength: 1, maxLength: 12 })

interface Loaded extends Candidate {
  inFlight: number
}

function replica(isNear: boolean, change: Partial<Loaded> = {}): Loaded {
  return {
    ...plainCandidate,
    isNear,
    ...change,
  }
}

const sum = (candidates: readonly Candidate[]): number =>
  candidates.reduce((total, { inFlight }) => total + inFlight, 0)

describe('replicas in the same zone first', () => {
  it('while none of them carries more than a quarter above the mean, every request goes to a near one', () => {
    fc.assert(
      fc.property(policy, zones, fc.nat(100), fc.nat(), (kind, places, count, seed) => {
        const candidates = places.map((isNear) => replica(isNear))
        const choice = { ...plainChoice, policy: kind, candidates, random: randomFrom(seed) }
        for (let rotation = 0; rotation < count; rotation += 1) {
          const nearLimit = nearLimitOf(sum(candidates), candidates.length)
          const hasRoom = candidates.some(({ isNear, inFlight }) => isNear && inFlight < nearLimit)
          const chosen = chooseReplica({ ...choice, rotation, nearLimit })
          const isNearWithin = chosen?.isNear === true && chosen.inFlight < nearLimit
          expect(isNearWithin || !hasRoom).toBe(true)
          if (chosen !== null) chosen.inFlight += 1
        }
        expect(sum(candidates)).toBe(count)
      }),
    )
  })

  it('a zone that is out of order, draining, tried or full leaves its requests to the others', () => {
    const far = replica(false)
    const broken = [
      replica(true, { ejectedAt: 5 }),
      replica(true, { isDraining: true }),
      replica(true, { inFlight: 2 }),
    ]
    const tried = replica(true)
    const candidates = [...broken, tried, far]
    for (const kind of loadBalancingPolicies) {
      const choice = { ...plainChoice, policy: kind, candidates, tried: [tried], limit: 2, nearLimit: 10 }
      expect(chooseReplica(choice)).toBe(far)
    }
  })

  it('a key of consistent_hash goes to its replica wherever that is; without a key a near one is taken', () => {
    const candidates = Array.from({ length: 8 }, (_, at) => replica(at === 0, { hashSeed: at * 7919 }))
    const choice = { ...plainChoice, policy: 'consistent_hash', candidates, loadFactor: 100 } as const
    for (let hashKey = 0; hashKey < 100; hashKey += 1) {
      const plain = chooseReplica({ ...choice, hashKey })
      expect(chooseReplica({ ...choice, hashKey, nearLimit: 5 })).toBe(plain)
    }
    expect(chooseReplica({ ...choice, nearLimit: 5 })).toBe(candidates[0])
  })

  it('the limit of near ones is a quarter above the mean, at least one', () => {
    expect([nearLimitOf(0, 4), nearLimitOf(7, 4), nearLimitOf(99, 10), nearLimitOf(5, 0)]).toEqual([
      1, 3, 13, 8,
    ])
  })
})
