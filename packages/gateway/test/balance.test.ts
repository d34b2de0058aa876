import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseReplica } from '../src/balance.ts'

const candidate = fc.record({
  inFlight: fc.nat(5),
  isDraining: fc.boolean(),
  ejectedAt: fc.oneof(fc.constant(-1), fc.nat(100)),
})
const policy = fc.constantFrom('least_load' as const, 'round_robin' as const)

describe('choosing a replica', () => {
  it('never takes one that drains or was tried, and takes one whenever there is one', () => {
    fc.assert(
      fc.property(
        policy,
        fc.array(candidate),
        fc.array(fc.nat(9)),
        fc.nat(),
        (kind, candidates, triedAt, rotation) => {
          const tried = triedAt.flatMap((at) => candidates[at] ?? [])
          const usable = candidates.filter((one) => !one.isDraining && !tried.includes(one))
          const chosen = chooseReplica({ policy: kind, candidates, tried, rotation })
          expect(chosen === null ? usable.length === 0 : usable.includes(chosen)).toBe(true)
        },
      ),
    )
  })

  it('takes an ejected one only when all are, and then the one ejected longest ago', () => {
    fc.assert(
      fc.property(policy, fc.array(candidate, { minLength: 1 }), fc.nat(), (kind, candidates, rotation) => {
        const chosen = chooseReplica({ policy: kind, candidates, tried: null, rotation })
        const usable = candidates.filter((one) => !one.isDraining)
        const least = chosen === null || chosen.ejectedAt < 0 ? -1 : chosen.ejectedAt
        expect(usable.every((one) => one.ejectedAt >= least)).toBe(true)
      }),
    )
  })

  it('least_load takes the least, and equal ones in turn', () => {
    fc.assert(
      fc.property(fc.array(candidate, { minLength: 1 }), fc.nat(), (candidates, rotation) => {
        const usable = candidates.filter((one) => !one.isDraining && one.ejectedAt < 0)
        const chosen = chooseReplica({ policy: 'least_load', candidates, tried: null, rotation })
        return usable.length === 0 || chosen?.inFlight === Math.min(...usable.map((one) => one.inFlight))
      }),
    )
    const equal = Array.from({ length: 4 }, () => ({ inFlight: 0, isDraining: false, ejectedAt: -1 }))
    const chosen = [0, 1, 2, 3, 4].map((rotation) => {
      const found = chooseReplica({ policy: 'least_load', candidates: equal, tried: null, rotation })
      return found === null ? -1 : equal.indexOf(found)
    })
    expect(chosen).toEqual([0, 1, 2, 3, 0])
  })

  it('round_robin gives each the same share', () => {
    const three = Array.from({ length: 3 }, (_, inFlight) => ({ inFlight, isDraining: false, ejectedAt: -1 }))
    const shares = new Map<unknown, number>()
    for (let rotation = 0; rotation < 30; rotation += 1) {
      const chosen = chooseReplica({ policy: 'round_robin', candidates: three, tried: null, rotation })
      shares.set(chosen, (shares.get(chosen) ?? 0) + 1)
    }
    expect([...shares.values()]).toEqual([10, 10, 10])
  })
})
