import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseReplica } from '../src/balance.ts'
import type { Candidate, Choice } from '../src/choice.ts'
import { plainCandidate, plainChoice } from './plain-choice.ts'
import { randomFrom } from './random.ts'

function choose(candidates: readonly Candidate[], change: Partial<Choice<Candidate>>): number {
  const chosen = chooseReplica({
    policy: 'power_of_two_choices',
    candidates,
    ...plainChoice,
    ...change,
  })
  return chosen === null ? -1 : candidates.indexOf(chosen)
}

const replica = (inFlight: number): Candidate => ({
  ...plainCandidate,
  inFlight,
})

describe('power_of_two_choices', () => {
  it('draws two different ones: the one with most in flight is never taken', () => {
    const loads = fc.uniqueArray(fc.nat(50), { minLength: 2, maxLength: 12 })
    fc.assert(
      fc.property(loads, fc.nat(), (inFlights, seed) => {
        const random = randomFrom(seed)
        for (let i = 0; i < 20; i += 1) {
          const at = choose(inFlights.map(replica), { random })
          expect(inFlights[at]).toBeLessThan(Math.max(...inFlights))
        }
      }),
    )
  })

  it('gives idle ones the same share, wherever they stand', () => {
    const random = randomFrom(7)
    const shares = [0, 0, 0, 0, 0]
    for (let i = 0; i < 10_000; i += 1) {
      const at = choose(
        shares.map(() => replica(0)),
        { random },
      )
      shares[at] = (shares[at] ?? 0) + 1
    }
    // Five standard deviations of a fair draw.
    for (const share of shares) expect(Math.abs(share - 2000)).toBeLessThan(5 * Math.sqrt(2000 * 0.8))
  })

  it('of n requests on n replicas none has more than log log n and a little (one draw: log n / log log n)', () => {
    const random = randomFrom(11)
    for (const count of [10, 100, 1000]) {
      const loads = Array.from({ length: count }, () => 0)
      for (let i = 0; i < count; i += 1) {
        const at = choose(loads.map(replica), { random })
        loads[at] = (loads[at] ?? 0) + 1
      }
      expect(Math.max(...loads)).toBeLessThanOrEqual(Math.ceil(Math.log2(Math.log2(count))) + 2)
    }
  })
})
