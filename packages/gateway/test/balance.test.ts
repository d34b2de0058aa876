import { loadBalancingPolicies } from '@skykeep/core/service-spec'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseReplica } from '../src/balance.ts'
import type { Candidate, Choice } from '../src/choice.ts'
import { plainCandidate, plainChoice } from './plain-choice.ts'
import { randomFrom } from './random.ts'

const candidate = fc.record({
  inFlight: fc.nat(5),
  isDraining: fc.boolean(),
  ejectedAt: fc.oneof(fc.constant(-1), fc.nat(100)),
  targetQps: fc.integer({ min: 1, max: 4 }),
  window: fc.integer({ min: 1, max: 4 }),
  hashSeed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  isNear: fc.boolean(),
})
const policy = fc.constantFrom(...loadBalancingPolicies)
/** What the policies that draw or hash take; some requests have no key. */
const chance = fc.record({
  rotation: fc.nat(),
  hashKey: fc.integer({ min: -1, max: 2 ** 31 - 1 }),
  loadFactor: fc.double({ min: 1, max: 4, noNaN: true }),
  nearLimit: fc.integer({ min: -1, max: 5 }),
  random: fc.nat(1_000_000).map((seed) => randomFrom(seed)),
})
const limit = fc.constantFrom(1, 2, 3, Infinity)

function choose<T extends Candidate>(choice: Partial<Choice<T>> & Pick<Choice<T>, 'candidates'>): T | null {
  return chooseReplica({
    policy: 'least_load',
    ...plainChoice,
    ...choice,
  })
}

function plain(change: Partial<Candidate> = {}): Candidate {
  return {
    ...plainCandidate,
    ...change,
  }
}

describe('choosing a replica', () => {
  it('dstack 11 #11: a retry never hits a replica that was tried, nor one that drains; one of the rest is taken', () => {
    fc.assert(
      fc.property(
        policy,
        fc.array(candidate),
        fc.array(fc.nat(9)),
        chance,
        (kind, candidates, triedAt, drawn) => {
          const tried = triedAt.flatMap((at) => candidates[at] ?? [])
          const usable = candidates.filter((one) => !one.isDraining && !tried.includes(one))
          const chosen = choose({ policy: kind, candidates, tried, ...drawn })
          expect(chosen === null ? usable.length === 0 : usable.includes(chosen)).toBe(true)
        },
      ),
    )
  })

  it('takes an ejected one only when all are, and then the one ejected longest ago', () => {
    fc.assert(
      fc.property(policy, fc.array(candidate, { minLength: 1 }), chance, (kind, candidates, drawn) => {
        const chosen = choose({ policy: kind, candidates, ...drawn })
        const usable = candidates.filter((one) => !one.isDraining)
        const least = chosen === null || chosen.ejectedAt < 0 ? -1 : chosen.ejectedAt
        expect(usable.every((one) => one.ejectedAt >= least)).toBe(true)
      }),
    )
  })

  it('never goes past a limit, and takes no broken one while another is only busy', () => {
    const situation = fc.record({ limit, isGradual: fc.boolean(), policy })
    fc.assert(
      fc.property(situation, fc.array(candidate), chance, (choice, candidates, drawn) => {
        const hasRoom = (one: Candidate): boolean =>
          one.inFlight < choice.limit && (!choice.isGradual || one.inFlight < one.window)
        const usable = candidates.filter((one) => !one.isDraining)
        const whole = usable.filter((one) => one.ejectedAt < 0)
        const allowed = (whole.length > 0 ? whole : usable).filter(hasRoom)
        const chosen = choose({ ...choice, ...drawn, candidates })
        expect(chosen === null ? allowed.length === 0 : allowed.includes(chosen)).toBe(true)
      }),
    )
  })

  it('least_load takes the least, and equal ones in turn', () => {
    fc.assert(
      fc.property(fc.array(candidate, { minLength: 1 }), fc.nat(), (candidates, rotation) => {
        const usable = candidates.filter((one) => !one.isDraining && one.ejectedAt < 0)
        const chosen = choose({ candidates, rotation })
        return usable.length === 0 || chosen?.inFlight === Math.min(...usable.map((one) => one.inFlight))
      }),
    )
    const equal = Array.from({ length: 4 }, () => plain())
    const chosen = [0, 1, 2, 3, 4].map((rotation) => {
      const found = choose({ candidates: equal, rotation })
      return found === null ? -1 : equal.indexOf(found)
    })
    expect(chosen).toEqual([0, 1, 2, 3, 0])
  })

  it('instance_aware_least_load takes the least in flight by what each can take, and equal ones in turn', () => {
    fc.assert(
      fc.property(fc.array(candidate, { minLength: 1 }), fc.nat(), (candidates, rotation) => {
        const usable = candidates.filter((one) => !one.isDraining && one.ejectedAt < 0)
        const load = (one: Candidate): number => one.inFlight / one.targetQps
        const chosen = choose({ policy: 'instance_aware_least_load', candidates, rotation })
        const least = Math.min(...usable.map(load))
        return usable.length === 0 || (chosen !== null && Math.abs(load(chosen) - least) < 1e-9)
      }),
    )
    const sizes = [1, 3]
    const taken = [0, 0]
    for (let rotation = 0; rotation < 40; rotation += 1) {
      const candidates = sizes.map((targetQps, at) => plain({ targetQps, inFlight: taken[at] ?? 0 }))
      const found = choose({ policy: 'instance_aware_least_load', candidates, rotation })
      const at = found === null ? -1 : candidates.indexOf(found)
      taken[at] = (taken[at] ?? 0) + 1
    }
    expect(taken).toEqual([10, 30])
  })

  it('round_robin gives each the same share', () => {
    const three = Array.from({ length: 3 }, (_, inFlight) => plain({ inFlight }))
    const shares = new Map<unknown, number>()
    for (let rotation = 0; rotation < 30; rotation += 1) {
      const chosen = choose({ policy: 'round_robin', candidates: three, rotation })
      shares.set(chosen, (shares.get(chosen) ?? 0) + 1)
    }
    expect([...shares.values()]).toEqual([10, 10, 10])
  })
})
