import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseReplica } from '../src/balance.ts'
import type { Candidate, Choice } from '../src/choice.ts'
import { hashOf, keyOf } from '../src/hash.ts'
import { plainCandidate, plainChoice } from './plain-choice.ts'

interface Named extends Candidate {
  readonly name: string
}

function replica(name: string, change: Partial<Candidate> = {}): Named {
  return { name, ...plainCandidate, hashSeed: hashOf(name), ...change }
}

const replicas = (count: number): Named[] => Array.from({ length: count }, (_, at) => replica(`rep_${at}`))
const keys = Array.from({ length: 20_000 }, (_, at) => keyOf(hashOf(`session ${at}`)))

function choiceOf(candidates: readonly Named[], change: Partial<Choice<Named>> = {}): Choice<Named> {
  return {
    policy: 'consistent_hash',
    candidates,
    ...plainChoice,
    ...change,
  }
}

const ownerOf = (candidates: readonly Named[], hashKey: number): string =>
  chooseReplica(choiceOf(candidates, { hashKey }))?.name ?? ''

describe('consistent_hash', () => {
  it('the same key gives the same replica, in whatever order they stand', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray(replicas(20), { minLength: 20 }), fc.nat(19_999), (shuffled, at) => {
        const key = keys[at] ?? 0
        expect(ownerOf(shuffled, key)).toBe(ownerOf(replicas(20), key))
      }),
    )
  })

  it.each([2, 10, 100])('each of %i replicas owns its part of the keys', (count) => {
    const owned = new Map<string, number>()
    const all = replicas(count)
    for (const key of keys) {
      const owner = ownerOf(all, key)
      owned.set(owner, (owned.get(owner) ?? 0) + 1)
    }
    const mean = keys.length / count
    // Five standard deviations of a fair draw.
    const slack = 5 * Math.sqrt(mean)
    expect(owned.size).toBe(count)
    for (const many of owned.values()) expect(Math.abs(many - mean)).toBeLessThan(slack)
  })

  it('one that goes gives away its own keys only, to all others; one that comes takes 1/n', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 40 }), fc.nat(39), (count, at) => {
        const all = replicas(count)
        const gone = all[at % count]
        const left = all.filter((one) => one !== gone)
        const some = keys.slice(0, 2000)
        const moved = some.filter((key) => ownerOf(all, key) !== ownerOf(left, key))
        expect(moved.every((key) => ownerOf(all, key) === gone?.name)).toBe(true)
        const mean = some.length / count
        expect(Math.abs(moved.length - mean)).toBeLessThan(5 * Math.sqrt(mean))
      }),
      { numRuns: 40 },
    )
  })

  it('a draining, ejected or tried replica moves no key but its own', () => {
    const all = replicas(10)
    const [first] = all
    if (first === undefined) throw new Error('ten replicas')
    const rest = all.slice(1)
    for (const key of keys.slice(0, 2000)) {
      const expected = ownerOf(rest, key)
      expect(ownerOf([replica(first.name, { isDraining: true }), ...rest], key)).toBe(expected)
      expect(ownerOf([replica(first.name, { ejectedAt: 1 }), ...rest], key)).toBe(expected)
      const retried = chooseReplica(choiceOf(all, { hashKey: key, tried: [first] }))
      expect(retried?.name).toBe(expected)
    }
  })

  it('the load of a replica never passes ceil(factor * mean), however few keys there are and whatever ends', () => {
    const step = fc.record({ key: fc.nat(3), ends: fc.nat(30) })
    const factor = fc.constantFrom(1, 1.25, 2)
    const count = fc.integer({ min: 1, max: 12 })
    fc.assert(
      fc.property(count, factor, fc.array(step, { maxLength: 200 }), (many, loadFactor, steps) => {
        const inFlight = Array.from({ length: many }, () => 0)
        for (const { key, ends } of steps) {
          const candidates = inFlight.map((load, at) => replica(`rep_${at}`, { inFlight: load }))
          const chosen = chooseReplica(choiceOf(candidates, { hashKey: keys[key] ?? 0, loadFactor }))
          const at = chosen === null ? -1 : candidates.indexOf(chosen)
          const total = inFlight.reduce((sum, load) => sum + load, 0) + 1
          expect((inFlight[at] ?? Infinity) + 1).toBeLessThanOrEqual(Math.ceil((loadFactor * total) / many))
          inFlight[at] = (inFlight[at] ?? 0) + 1
          // Now and then one ends.
          if (ends < many) inFlight[ends] = Math.max(0, (inFlight[ends] ?? 0) - 1)
        }
      }),
    )
  })

  it('a key whose replica is at the bound goes to the second in its own order, and comes back', () => {
    const all = replicas(10)
    for (const key of keys.slice(0, 300)) {
      const owner = ownerOf(all, key)
      const second = ownerOf(
        all.filter(({ name }) => name !== owner),
        key,
      )
      const loaded = (load: number): Named[] =>
        all.map(({ name }) => replica(name, { inFlight: name === owner ? load : 4 }))
      expect(ownerOf(loaded(9), key)).toBe(second)
      expect(ownerOf(loaded(4), key)).toBe(owner)
    }
  })

  it('is least_load without a key, and where only those over the bound take one that waited', () => {
    const loads = [3, 0, 2]
    const candidates = loads.map((inFlight, at) => replica(`rep_${at}`, { inFlight }))
    expect(ownerOf(candidates, -1)).toBe('rep_1')
    const shut = loads.map((inFlight, at) =>
      replica(`rep_${at}`, { inFlight, window: inFlight === 0 ? 0 : 8 }),
    )
    const choice = choiceOf(shut, { hashKey: keys[0] ?? 0, isGradual: true, loadFactor: 1 })
    expect(chooseReplica(choice)?.name).toBe('rep_2')
  })
})
