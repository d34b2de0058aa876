import { expect, it } from 'vitest'
import { kindsText, requestFailures, slowestRecoveryMs } from '@skykeep/core/drill-figures'
import type { DrillResult } from '@skykeep/core/nouns'
import type { DrillView } from '@skykeep/core/views'
import { changeText, comparable, drillTitle, targetNamed } from '../src/features/drills/drill-text.ts'
import { isAskable } from '../src/features/drills/drill-form.tsx'

const result: DrillResult = {
  rounds: [],
  requests: 10,
  failed: { 'HTTP 502': 2, 'stream: reset': 1, reset: 3 },
  repeated: 0,
  longestGapMs: 40,
  slowestMs: 20,
  adopted: [],
  resumed: [],
  orphans: [],
  unfinished: 0,
}
const drill = (uid: string, startedAtMs: number, change: Partial<DrillView> = {}): DrillView => ({
  uid,
  serviceName: 'hello',
  target: 'worker',
  repeats: 1,
  status: 'SUCCEEDED',
  statusReason: '',
  startedAtMs,
  startedBy: 'usr_1',
  finishedAtMs: null,
  result,
  ...change,
})

it('the figures of a drill: streams are no requests, a recovery that never came is no time', () => {
  expect(requestFailures(result)).toBe(5)
  expect(kindsText(result)).toBe('2 × HTTP 502, 1 × stream: reset, 3 × reset')
  expect(slowestRecoveryMs([{ recoveredMs: 5 }, { recoveredMs: 9 }])).toBe(9)
  expect(slowestRecoveryMs([{ recoveredMs: 5 }, { recoveredMs: null }])).toBeNull()
  expect(slowestRecoveryMs([])).toBeNull()
})

it('a drill is compared with the last one that killed the same and has a result', () => {
  const latest = drill('d', 4)
  const drills = [
    latest,
    drill('c', 3, { result: null, status: 'LOST' }),
    drill('b', 2, { target: 'web' }),
    drill('a', 1),
  ]
  expect(comparable(latest, drills)?.uid).toBe('a')
  expect(comparable(drill('b', 2, { target: 'web' }), drills)).toBeUndefined()
  expect([changeText(512, 760), changeText(760, 512), changeText(5, 5)]).toEqual([
    '−248 ms',
    '+248 ms',
    'the same',
  ])
  expect([changeText(null, 5), changeText(5, undefined)]).toEqual([null, null])
  expect([drillTitle(latest), drillTitle({ target: 'all', repeats: 3 })]).toEqual([
    'Worker',
    'Whole control plane × 3',
  ])
  expect([targetNamed('web'), targetNamed('x')]).toEqual(['web', 'worker'])
})

it.each([
  ['worker', 1, false, 1, true],
  ['worker', 21, false, 2, false],
  ['worker', Number.NaN, false, 2, false],
  ['replica', 1, false, 2, true],
  ['replica', 1, false, 1, false],
  ['replica', 1, true, 1, true],
] as const)('%s × %d (confirmed: %s) with %d ready may be asked for: %s', (...row) => {
  const [target, repeats, isConfirmed, ready, isPossible] = row
  expect(isAskable({ target, repeats, isConfirmed }, ready)).toBe(isPossible)
})
