import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plainCandidate, plainChoice } from './plain-choice.ts'
import type { Candidate } from '../src/choice.ts'
import type { ShareGroup } from '../src/split.ts'
import { chooseBySplit, chooseOfGroup } from '../src/split.ts'

interface Named extends Candidate {
  readonly group: number
}

function replica(group: number, change: Partial<Candidate> = {}): Named {
  return {
    group,
    ...plainCandidate,
    ...change,
  }
}

function groupsOf(percents: readonly number[], change: Partial<Candidate> = {}): ShareGroup<Named>[] {
  return percents.map((percent, group) => ({
    percent,
    replicas: [replica(group, change), replica(group, change)],
    credit: 0,
  }))
}

/** How many of `count` requests go to each group; -1 for none. */
function shareOut(
  groups: readonly ShareGroup<Named>[],
  count: number,
  limit = Infinity,
): Map<number, number> {
  const shares = new Map<number, number>()
  const candidates = groups.flatMap(({ replicas }) => replicas)
  for (let rotation = 0; rotation < count; rotation += 1) {
    const choice = { ...plainChoice, candidates, rotation, limit }
    const group = chooseBySplit(groups, { ...choice, policy: 'least_load' })?.group ?? -1
    shares.set(group, (shares.get(group) ?? 0) + 1)
  }
  return shares
}

/** Up to five whole percentages that add up to 100. */
const percents = fc.array(fc.nat(100), { minLength: 0, maxLength: 4 }).map((cuts) => {
  const ends = [...cuts, 100].toSorted((a, b) => a - b)
  return ends.map((end, at) => end - (ends[at - 1] ?? 0))
})

describe('splitting by version', () => {
  it('a hundred requests at ten percent give ten', () => {
    expect(shareOut(groupsOf([90, 10]), 100)).toEqual(
      new Map([
        [0, 90],
        [1, 10],
      ]),
    )
  })

  it('any hundred requests in a row split exactly, any fewer within one a group', () => {
    fc.assert(
      fc.property(percents, fc.nat(300), fc.integer({ min: 1, max: 99 }), (shares, before, count) => {
        const groups = groupsOf(shares)
        shareOut(groups, before)
        const hundred = shareOut(groups, 100)
        for (const [group, percent] of shares.entries()) expect(hundred.get(group) ?? 0).toBe(percent)
        const fresh = groupsOf(shares)
        const few = shareOut(fresh, count)
        for (const [group, percent] of shares.entries()) {
          expect(Math.abs((few.get(group) ?? 0) - (count * percent) / 100)).toBeLessThan(shares.length)
        }
      }),
    )
  })

  it('a group without an available replica gives its share to the others', () => {
    const broken: Partial<Candidate>[] = [{ isDraining: true }, { ejectedAt: 5 }]
    for (const change of broken) {
      const [whole, other, bad] = groupsOf([60, 20, 20])
      if (whole === undefined || other === undefined || bad === undefined) throw new Error('three groups')
      const groups = [whole, other, { ...bad, replicas: [replica(2, change)] }]
      expect(shareOut(groups, 80)).toEqual(
        new Map([
          [0, 60],
          [1, 20],
        ]),
      )
    }
  })

  it('gets no more than its share for the time that it was away', () => {
    const [whole, other] = groupsOf([50, 50])
    if (whole === undefined || other === undefined) throw new Error('two groups')
    shareOut([whole, { ...other, replicas: [] }], 1000)
    expect(Math.abs((shareOut([whole, other], 100).get(0) ?? 0) - 50)).toBeLessThanOrEqual(1)
  })

  it('a group of no percent is taken only when no other has a replica, busy or not', () => {
    expect(shareOut(groupsOf([100, 0]), 50)).toEqual(new Map([[0, 50]]))
    const [old, fresh] = groupsOf([100, 0])
    if (old === undefined || fresh === undefined) throw new Error('two groups')
    expect(shareOut([{ ...old, replicas: [replica(0, { inFlight: 3 })] }, fresh], 10, 3)).toEqual(
      new Map([[-1, 10]]),
    )
    expect(shareOut([{ ...old, replicas: [] }, fresh], 10)).toEqual(new Map([[1, 10]]))
  })

  it('a retry goes to another group when its own has nobody left', () => {
    const groups = groupsOf([50, 50])
    const candidates = groups.flatMap(({ replicas }) => replicas)
    fc.assert(
      fc.property(fc.nat(3), fc.nat(10), (left, rotation) => {
        const tried = candidates.filter((_, at) => at !== left)
        const found = chooseBySplit(groups, {
          ...plainChoice,
          policy: 'round_robin',
          candidates,
          tried,
          rotation,
        })
        expect(found).toBe(candidates[left])
      }),
    )
  })

  describe('a request that carries the header of a group', () => {
    const pinned = (changes: readonly Partial<Candidate>[], limit = Infinity): number => {
      const [old, fresh] = groupsOf([90, 10])
      if (old === undefined || fresh === undefined) throw new Error('two groups')
      const groups = [old, { ...fresh, replicas: changes.map((change) => replica(1, change)) }]
      const candidates = groups.flatMap(({ replicas }) => replicas)
      const choice = { ...plainChoice, candidates, rotation: 0, limit, policy: 'least_load' } as const
      return chooseOfGroup(groups[1] ?? fresh, groups, choice)?.group ?? -1
    }

    it('goes there whatever its share, and waits where it is only busy', () => {
      expect(pinned([{ inFlight: 7 }])).toBe(1)
      expect(pinned([{ inFlight: 7 }], 7)).toBe(-1)
      expect(pinned([{ inFlight: 7 }, { ejectedAt: 3 }], 7)).toBe(-1)
    })

    it('goes where all others go when the group has no replica that answers', () => {
      expect(pinned([])).toBe(0)
      expect(pinned([{ isDraining: true }, { ejectedAt: 3 }])).toBe(0)
    })

    it('takes nothing of the share of those without it', () => {
      const groups = groupsOf([90, 10])
      const candidates = groups.flatMap(({ replicas }) => replicas)
      const choice = { ...plainChoice, candidates, rotation: 0, policy: 'least_load' } as const
      const [, fresh] = groups
      if (fresh === undefined) throw new Error('two groups')
      for (let i = 0; i < 37; i += 1) chooseOfGroup(fresh, groups, choice)
      expect(shareOut(groups, 100).get(1)).toBe(10)
    })
  })
})
