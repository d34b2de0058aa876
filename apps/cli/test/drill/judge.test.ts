import { describe, expect, it } from 'vitest'
import { drillTargets, type DrillRound, type DrillTarget } from '@skykeep/core/nouns'
import type { RecoveryReportView } from '@skykeep/core/views'
import type { RoundOutcome } from '../../src/drill/drill-setting.ts'
import { judge, resultOf } from '../../src/drill/judge.ts'

const report: RecoveryReportView = {
  uid: 'rpt_1',
  atMs: 0,
  trigger: 'worker restarted',
  adoptedReplicas: ['hello-2', 'hello-1'],
  resumedLaunches: ['hello-3'],
  resumedTeardowns: ['hello-0'],
  orphans: [],
  targetReplicas: 2,
  targetVersion: 1,
  endpointPort: 30_001,
  runningRequests: [],
  unfinishedRequests: [],
}

const outcome = (
  target: DrillTarget,
  change: Partial<Omit<RoundOutcome, 'round'>> = {},
  round: Partial<DrillRound> = {},
): RoundOutcome => ({
  round: {
    target,
    killedPids: [41],
    requests: 100,
    failed: {},
    repeated: 0,
    longestGapMs: 30,
    slowestMs: 20,
    recoveredMs: 500,
    ...round,
  },
  brokenStreams: [],
  replaced: [],
  reports: [],
  newOrphans: [],
  unfinished: 0,
  unfinishedOfOthers: 0,
  gateways: 2,
  readyReplicas: 2,
  startedSupervisor: null,
  ...change,
})

const failed = { failed: { 'HTTP 502': 2 } }
const cut = [{ reason: 'connection reset', ageMs: 900 }]
const short = [{ reason: 'connection refused', ageMs: 3 }]

describe('whether a drill lost what the guarantee covers', () => {
  it.each(drillTargets)('%s: nothing failed', (target) => {
    expect(judge(target, [outcome(target), outcome(target)], 120)).toMatchObject({
      status: 'SUCCEEDED',
      reason: expect.stringMatching(/^nothing was lost: 200 requests through 2 deaths of /) as string,
    })
  })

  const cases: readonly (readonly [string, DrillTarget, RoundOutcome, 'SUCCEEDED' | 'FAILED', string])[] = [
    ['requests', 'worker', outcome('worker', {}, failed), 'FAILED', '2 of 100 requests failed (round 1)'],
    ['requests', 'web', outcome('web', {}, failed), 'FAILED', '2 of 100'],
    ['requests', 'supervisor', outcome('supervisor', {}, failed), 'FAILED', '2 of 100'],
    ['requests', 'gateway', outcome('gateway', {}, failed), 'FAILED', '2 of 100'],
    [
      'requests of the only process',
      'gateway',
      outcome('gateway', { gateways: 1 }, failed),
      'SUCCEEDED',
      'not cover',
    ],
    ['requests', 'replica', outcome('replica', {}, failed), 'FAILED', '2 of 100'],
    [
      'requests of the only one',
      'replica',
      outcome('replica', { readyReplicas: 1 }, failed),
      'SUCCEEDED',
      'not cover',
    ],
    [
      'requests',
      'all',
      outcome('all', {}, failed),
      'SUCCEEDED',
      '2 of them failed meanwhile, which the guarantee does not cover',
    ],
    ['a recovery in time', 'all', outcome('all', {}, { recoveredMs: null }), 'FAILED', 'within 120 s'],
    [
      'a replica',
      'all',
      outcome('all', { replaced: ['hello-1'] }),
      'FAILED',
      'replaced without need: hello-1',
    ],
    [
      'sight of a node',
      'worker',
      outcome('worker', { newOrphans: ['n1'] }),
      'FAILED',
      'orphans were left: n1',
    ],
    ['a stream', 'worker', outcome('worker', { brokenStreams: cut }), 'FAILED', '1 streams were cut off'],
    [
      'a stream that is not listed',
      'gateway',
      outcome('gateway', { brokenStreams: cut }),
      'FAILED',
      '0 of them are listed',
    ],
    [
      'a stream that is listed',
      'replica',
      outcome('replica', { brokenStreams: cut, unfinished: 1 }),
      'SUCCEEDED',
      'one stream was cut off, and listed',
    ],
    [
      'a stream that hardly began',
      'all',
      outcome('all', { brokenStreams: short }),
      'SUCCEEDED',
      'every one answered',
    ],
  ]
  it.each(cases)('lost %s through the death of %s', (_what, target, given, ...[status, reason]) => {
    expect(judge(target, [given], 120)).toEqual({ status, reason: expect.stringContaining(reason) as string })
  })

  it('a stream is no request, whatever it failed with', () => {
    const stream = outcome(
      'gateway',
      { brokenStreams: cut, unfinished: 1 },
      { failed: { 'stream: connection reset': 1 } },
    )
    expect(judge('gateway', [stream], 120).status).toBe('SUCCEEDED')
  })
})

it('the result adds up the rounds and names each replica once', () => {
  const first = outcome(
    'worker',
    { reports: [report], unfinished: 1 },
    { failed: { reset: 1 }, longestGapMs: 70 },
  )
  const second = outcome(
    'worker',
    { reports: [report] },
    { failed: { reset: 2, 'HTTP 502': 1 }, repeated: 3 },
  )
  expect(resultOf([first, second])).toEqual({
    rounds: [first.round, second.round],
    requests: 200,
    failed: { reset: 3, 'HTTP 502': 1 },
    repeated: 3,
    longestGapMs: 70,
    slowestMs: 20,
    adopted: ['hello-1', 'hello-2'],
    resumed: ['hello-0', 'hello-3'],
    orphans: [],
    unfinished: 1,
  })
})
