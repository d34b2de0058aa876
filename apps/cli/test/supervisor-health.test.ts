import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  afterProbe,
  defaultHealthLimits,
  type HealthState,
  restartDelayMs,
  unknownHealth,
} from '../src/supervisor/health.ts'

interface Step {
  readonly pauseMs: number
  readonly probeMs: number
  readonly isAnswering: boolean
}
const miss: Step = { pauseMs: 1000, probeMs: 2000, isAnswering: false }
const hit: Step = { pauseMs: 1000, probeMs: 5, isAnswering: true }

const play = (steps: readonly Step[]): readonly boolean[] => {
  let state: HealthState = unknownHealth
  let atMs = 0
  return steps.map(({ pauseMs, probeMs, isAnswering }) => {
    const startedAtMs = atMs + pauseMs
    atMs = startedAtMs + probeMs
    const next = afterProbe(state, { startedAtMs, endedAtMs: atMs, isAnswering }, defaultHealthLimits)
    state = next.state
    return next.isStuck
  })
}
const times = (count: number, step: Step): readonly Step[] => Array.from({ length: count }, () => step)

describe('invariant 6: health counts observations', () => {
  it.each<[string, readonly Step[], number | undefined]>([
    ['three misses after an answer', [hit, ...times(3, miss)], 3],
    [
      'two misses and an answer, again and again',
      [hit, miss, miss, hit, miss, miss, hit, miss, miss],
      undefined,
    ],
    ['a start that takes 39 misses', times(39, miss), undefined],
    ['a start that takes 40 misses', times(40, miss), 39],
    [
      'an observer that slept between two probes',
      [hit, miss, miss, { ...miss, pauseMs: 60_000 }, miss, miss],
      undefined,
    ],
    [
      'an observer that slept during a probe',
      [hit, miss, miss, { ...miss, probeMs: 9000 }, miss, miss],
      undefined,
    ],
    [
      'a process that is stuck after the sleep too',
      [hit, miss, miss, { ...miss, pauseMs: 60_000 }, ...times(3, miss)],
      6,
    ],
  ])('%s', (_what, steps, stuckAt) => {
    expect(play(steps).indexOf(true)).toBe(stuckAt ?? -1)
  })

  it('is never stuck at an answer', () => {
    const step = fc.record({ pauseMs: fc.nat(9000), probeMs: fc.nat(9000), isAnswering: fc.boolean() })
    const isFair = (steps: readonly Step[]): boolean =>
      play(steps).every((isStuck, i) => !isStuck || steps[i]?.isAnswering === false)
    fc.assert(fc.property(fc.array(step), isFair))
    expect(isFair([hit])).toBe(true)
  })
})

describe('restart delay', () => {
  it.each([
    [1, 0, 200],
    [1, 0.999, 100],
    [2, 0, 400],
    [6, 0, 6400],
    [7, 0, 10_000],
    [1000, 0, 10_000],
    [0, 0, 200],
  ])('after %i failures with chance %d: %i ms', (failures, random, expected) => {
    expect(restartDelayMs(failures, random)).toBe(expected)
  })
})
