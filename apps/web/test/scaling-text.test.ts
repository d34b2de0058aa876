import { describe, expect, it } from 'vitest'
import type { ScalingDecision } from '@skykeep/core/nouns'
import type { ScheduleView, ServiceView } from '@skykeep/core/views'
import { draftOf, nextWindow, specOf } from '../src/features/scaling/schedule-draft.ts'
import { daysText, scheduleProblem, windowText, zoneTime } from '../src/features/scaling/schedule-text.ts'
import { boundsText, metricText, sentence, targetText } from '../src/features/scaling/target-text.ts'
import { termLabel, termValue } from '../src/features/scaling/term-text.ts'

type Scaled = Parameters<typeof targetText>[0]

const decision: ScalingDecision = {
  uid: 'dec_1',
  serviceUid: 'svc_1',
  atMs: 0,
  fromReplicas: 1,
  toReplicas: 3,
  reason: 'RATE_UP',
  message: '7 requests a second need 3 replicas',
  terms: {},
}
const schedule: ScheduleView = {
  spec: {
    timeZone: 'Europe/Berlin',
    offHours: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '19:00', to: '07:00' }],
    replicas: 0,
    warmUpMinutes: 10,
  },
  isOverride: false,
  isOff: true,
  nextChangeAtMs: null,
}
const scaled: Scaled = {
  isPaused: false,
  schedule: null,
  targetReplicas: 3,
  scalingMetric: 'request_rate',
  autoscaler: null,
  decisions: [],
}
const autoscaler: ServiceView['autoscaler'] = {
  serviceUid: 'svc_1',
  targetReplicas: 3,
  upTicks: 0,
  downTicks: 0,
  tickedAtMs: null,
  changedAtMs: null,
}

describe('why the target is what it is', () => {
  const cases: readonly (readonly [string, Partial<Scaled>, string])[] = [
    ['paused before all else', { isPaused: true, schedule, decisions: [decision] }, 'It is paused'],
    ['off-hours without a replica', { schedule, decisions: [decision] }, 'no replica is wanted'],
    [
      'off-hours with some',
      { schedule: { ...schedule, spec: { ...schedule.spec, replicas: 1 } } },
      '1 replica instead of what the load asks for',
    ],
    [
      'a schedule that is open',
      { schedule: { ...schedule, isOff: false }, decisions: [decision] },
      '7 requests',
    ],
    ['a fixed number', { scalingMetric: 'fixed', decisions: [decision] }, 'Its YAML asks for this number'],
    ['the latest decision', { decisions: [decision] }, '7 requests a second need 3 replicas.'],
    ['nothing seen yet', {}, 'has not looked at the load yet'],
    ['no decision, the same number', { autoscaler }, 'The load asks for this number.'],
    ['no decision, more', { autoscaler, targetReplicas: 4 }, 'over-provisioning makes 4 of it'],
  ]
  it.each(cases)('%s', (_name, change, words) => {
    expect(targetText({ ...scaled, ...change })).toContain(words)
  })
})

it('bounds, metrics, terms and messages read as people write them', () => {
  expect(boundsText({ minReplicas: 0, maxReplicas: 5 })).toBe('0 to 5')
  expect(boundsText({ minReplicas: 2, maxReplicas: 2 })).toBe('2')
  expect([metricText('in_flight'), metricText('by_moon')]).toEqual(['Requests in flight', 'by_moon'])
  expect([sentence(''), sentence('it waits'), sentence('Done.')]).toEqual(['', 'It waits.', 'Done.'])
  expect([termLabel('requestsPerSecond'), termLabel('coldStartMs')]).toEqual([
    'Requests a second',
    'Cold start ms',
  ])
  expect([7.456, true, null, 'x', [1]].map(termValue)).toEqual(['7.46', 'yes', 'unknown', 'x', '[1]'])
})

describe('off-hours', () => {
  it.each([
    [['mon', 'tue', 'wed', 'thu', 'fri'], 'Mon–Fri'],
    [['sun', 'sat'], 'Sat, Sun'],
    [['fri', 'mon', 'wed'], 'Mon, Wed, Fri'],
    [['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], 'Every day'],
    [[], 'No day'],
  ] as const)('%o is %s', (days, text) => {
    expect(daysText(days)).toBe(text)
  })

  it('a window says when it ends on the next day, and a time is read off the clock of its zone', () => {
    expect(windowText({ days: ['mon'], from: '19:00', to: '07:00' })).toBe(
      'Mon, 19:00 to 07:00 of the next day',
    )
    expect(windowText({ days: ['mon'], from: '12:00', to: '13:00' })).toBe('Mon, 12:00 to 13:00')
    expect(zoneTime(Date.UTC(2026, 0, 5, 6, 0), 'Europe/Berlin')).toBe('Mon 07:00')
    expect(zoneTime(0, 'Mars/Olympus')).toBeNull()
  })

  it('what is filled in is checked, and its rows keep their identity while others go', () => {
    const draft = draftOf(null, 'UTC')
    expect(scheduleProblem(draft)).toBeNull()
    const two = [...draft.offHours, nextWindow(draft.offHours)]
    expect(nextWindow(two.slice(1)).id).toBe(2)
    expect(specOf(draftOf(schedule.spec, 'UTC'))).toEqual(schedule.spec)
    for (const [change, words] of [
      [{ timeZone: ' ' }, 'time zone'],
      [{ offHours: [] }, 'Add the hours'],
      [{ offHours: [{ days: [], from: '00:00', to: '01:00' }] }, 'at least one day'],
      [{ offHours: [{ days: ['mon'], from: '', to: '01:00' }] }, 'both times'],
      [{ replicas: 101 }, 'Replicas'],
      [{ replicas: Number.NaN }, 'Replicas'],
      [{ warmUpMinutes: 1.5 }, 'Warm-up'],
    ] as const) {
      expect(scheduleProblem({ ...schedule.spec, ...change })).toContain(words)
    }
  })
})
