import { describe, expect, it } from 'vitest'
import { canTransition, isTerminal, kinds, transitions } from '../src/statuses.ts'

describe('transition tables', () => {
  for (const kind of kinds) {
    const table: Readonly<Record<string, readonly string[]>> = transitions[kind]
    it(`${kind}: every status that can be reached has a row, and none leads to itself`, () => {
      for (const [from, targets] of Object.entries(table)) {
        expect(targets).not.toContain(from)
        for (const to of targets) expect(Object.keys(table)).toContain(to)
      }
    })
    it(`${kind}: every status can reach an end`, () => {
      const reachesEnd = (from: string, seen: ReadonlySet<string>): boolean =>
        table[from]?.length === 0 ||
        (table[from] ?? []).some((to) => !seen.has(to) && reachesEnd(to, new Set([...seen, to])))
      for (const from of Object.keys(table)) expect(reachesEnd(from, new Set([from])), from).toBe(true)
    })
  }
  it('says what may follow what', () => {
    expect(canTransition('replica', 'READY', 'DRAINING')).toBe(true)
    expect(canTransition('replica', 'TERMINATED', 'READY')).toBe(false)
    expect(isTerminal('operation', 'FAILED')).toBe(true)
    expect(isTerminal('operation', 'RUNNING')).toBe(false)
  })
})
