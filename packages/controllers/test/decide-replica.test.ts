import type { Replica } from '@skykeep/core/nouns'
import { assert, boolean, constantFrom, nat, property, record } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canTransition, replicaStatuses, type ReplicaStatus } from '@skykeep/core/statuses'
import {
  decideReplica,
  type JobSighting,
  type ProbeSighting,
  type ReplicaFacts,
} from '../src/replicas/decide.ts'
import { judgeProbes } from '../src/replicas/judge-probes.ts'
import { replicaRow, specOf } from './builders.ts'

const running: JobSighting = { state: 'running' }
const passed: ProbeSighting = { state: 'passed' }
const refused: ProbeSighting = { state: 'failed', reason: 'connection refused' }
const died: JobSighting = { state: 'ended', isSetup: false, exitCode: 3, lastLine: 'boom' }
const setupDied: JobSighting = { ...died, isSetup: true }

function facts(status: ReplicaStatus, fields: Partial<ReplicaFacts> = {}): ReplicaFacts {
  return {
    replica: replicaRow(1, { status }),
    probe: specOf().service.readinessProbe,
    job: running,
    sighting: { state: 'not-due' },
    drain: { isUnrouted: false, inFlight: 0, elapsedMs: 0 },
    health: { isProberAccused: false, mayReplace: true },
    watchedMs: 10_000,
    ...fields,
  }
}

const unwanted = (status: ReplicaStatus) => ({ replica: replicaRow(1, { status, isWanted: false }) })

describe('replica decision', () => {
  const table: readonly (readonly [string, ReplicaFacts, object])[] = [
    ['PENDING, wanted: writes its intent', facts('PENDING'), { type: 'prepare' }],
    [
      'PENDING, unwanted: gone at once',
      facts('PENDING', unwanted('PENDING')),
      { to: 'TERMINATED', outcome: 'REMOVED' },
    ],
    ['PROVISIONING, wanted: launches', facts('PROVISIONING'), { type: 'launch' }],
    [
      'PROVISIONING, unwanted',
      facts('PROVISIONING', unwanted('PROVISIONING')),
      { to: 'SHUTTING_DOWN', outcome: 'REMOVED' },
    ],
    [
      'STARTING, unwanted',
      facts('STARTING', unwanted('STARTING')),
      { to: 'SHUTTING_DOWN', outcome: 'REMOVED' },
    ],
    ['STARTING, probe passed', facts('STARTING', { sighting: passed }), { to: 'READY', outcome: null }],
    [
      'STARTING, run died',
      facts('STARTING', { job: died }),
      { to: 'SHUTTING_DOWN', outcome: 'FAILED', exitCode: 3 },
    ],
    [
      'STARTING, setup died',
      facts('STARTING', { job: setupDied }),
      { to: 'SHUTTING_DOWN', outcome: 'FAILED_SETUP' },
    ],
    [
      'STARTING, host rebooted',
      facts('STARTING', { job: { state: 'rebooted' } }),
      { to: 'SHUTTING_DOWN', outcome: 'LOST' },
    ],
    [
      'READY, its node was taken back',
      facts('READY', { job: { state: 'preempted', reason: 'spot' } }),
      { to: 'SHUTTING_DOWN', outcome: 'PREEMPTED' },
    ],
    [
      'READY, its node is to be taken back: what is in flight may end',
      facts('READY', { job: { state: 'noticed', reason: 'spot' } }),
      { to: 'DRAINING', outcome: 'PREEMPTED', reason: 'INTERRUPTION_NOTICE' },
    ],
    [
      'READY, to be taken back, and no longer wanted',
      facts('READY', { ...unwanted('READY'), job: { state: 'noticed', reason: 'spot' } }),
      { to: 'DRAINING', outcome: 'REMOVED' },
    ],
    [
      'STARTING, its node is to be taken back',
      facts('STARTING', { job: { state: 'noticed', reason: '' } }),
      { to: 'SHUTTING_DOWN', outcome: 'PREEMPTED' },
    ],
    [
      'DRAINING, its node is to be taken back: it goes on',
      facts('DRAINING', { job: { state: 'noticed', reason: '' } }),
      { type: 'wait' },
    ],
    [
      'DRAINING, its node is gone',
      facts('DRAINING', { job: { state: 'node-gone' } }),
      { to: 'SHUTTING_DOWN', reason: 'JOB_ENDED' },
    ],
    [
      'READY on demand, its node is gone',
      facts('READY', { job: { state: 'node-gone' } }),
      { to: 'SHUTTING_DOWN', outcome: 'LOST' },
    ],
    [
      'READY on spot capacity, its node is gone',
      facts('READY', {
        replica: replicaRow(1, { status: 'READY', isSpot: true }),
        job: { state: 'node-gone' },
      }),
      { to: 'SHUTTING_DOWN', outcome: 'PREEMPTED' },
    ],
    [
      'READY, its process is gone',
      facts('READY', { job: { state: 'absent' } }),
      { to: 'SHUTTING_DOWN', outcome: 'FAILED' },
    ],
    [
      'STARTING, setup runs: its delay stands still',
      facts('STARTING', { job: { state: 'setting-up' } }),
      { type: 'count', counters: { startingMs: 0 } },
    ],
    [
      'STARTING, counts watched time',
      facts('STARTING', { sighting: refused }),
      { type: 'count', counters: { startingMs: 10_000 } },
    ],
    ['READY, probe passed: nothing', facts('READY', { sighting: passed }), { type: 'wait' }],
    [
      'READY, probe failed',
      facts('READY', { sighting: refused }),
      { to: 'NOT_READY', counters: { probeFailures: 1, probeFailureMs: 0 } },
    ],
    ['READY, process died', facts('READY', { job: died }), { to: 'SHUTTING_DOWN', outcome: 'FAILED' }],
    [
      'READY, not asked: nothing is concluded',
      facts('READY', { job: { state: 'unknown', reason: 'x' } }),
      { type: 'wait' },
    ],
    ['READY, unwanted', facts('READY', unwanted('READY')), { to: 'DRAINING', outcome: 'REMOVED' }],
    [
      'NOT_READY, probe passed',
      facts('NOT_READY', { sighting: passed }),
      { to: 'READY', counters: { probeFailures: 0 } },
    ],
    ['NOT_READY, probe failed', facts('NOT_READY', { sighting: refused }), { type: 'count' }],
    ['NOT_READY, unwanted', facts('NOT_READY', unwanted('NOT_READY')), { to: 'DRAINING' }],
    ['DRAINING, still routed', facts('DRAINING'), { type: 'wait' }],
    [
      'DRAINING, in flight',
      facts('DRAINING', { drain: { isUnrouted: true, inFlight: 1, elapsedMs: 0 } }),
      { type: 'wait' },
    ],
    [
      'DRAINING, done',
      facts('DRAINING', { drain: { isUnrouted: true, inFlight: 0, elapsedMs: 0 } }),
      { to: 'SHUTTING_DOWN' },
    ],
    [
      'DRAINING, bound',
      facts('DRAINING', { drain: { isUnrouted: false, inFlight: 2, elapsedMs: 120_000 } }),
      { to: 'SHUTTING_DOWN' },
    ],
    [
      'DRAINING because it answers no probe: a shorter bound',
      facts('DRAINING', {
        replica: replicaRow(1, { status: 'DRAINING', outcome: 'FAILED_PROBING' }),
        drain: { isUnrouted: true, inFlight: 2, elapsedMs: 10_000 },
      }),
      { to: 'SHUTTING_DOWN', outcome: 'FAILED_PROBING' },
    ],
    [
      'DRAINING because it is not wanted: the whole bound',
      facts('DRAINING', {
        replica: replicaRow(1, { status: 'DRAINING', outcome: 'REMOVED' }),
        drain: { isUnrouted: true, inFlight: 2, elapsedMs: 119_999 },
      }),
      { type: 'wait' },
    ],
    ['SHUTTING_DOWN', facts('SHUTTING_DOWN'), { type: 'tear-down' }],
    ['TERMINATED', facts('TERMINATED'), { type: 'wait' }],
  ]
  it.each(table)('%s', (_name, given, expected) => {
    expect(decideReplica(given)).toMatchObject(expected)
  })

  it('FAILED_INITIAL_DELAY after the delay was watched, not after it passed on a clock', () => {
    const late = replicaRow(1, { status: 'STARTING', startingMs: 1_195_000 })
    expect(decideReplica(facts('STARTING', { replica: late, sighting: refused }))).toMatchObject({
      to: 'SHUTTING_DOWN',
      outcome: 'FAILED_INITIAL_DELAY',
      message: expect.stringContaining('connection refused'),
    })
  })

  it('FAILED_PROBING drains after its threshold, unless the limit of replacements is reached (invariant 12)', () => {
    const replica = replicaRow(1, { status: 'NOT_READY', probeFailures: 19, probeFailureMs: 175_000 })
    const given = facts('NOT_READY', { replica, sighting: refused })
    expect(decideReplica(given)).toMatchObject({ to: 'DRAINING', outcome: 'FAILED_PROBING' })
    const limited = { ...given, health: { isProberAccused: false, mayReplace: false } }
    expect(decideReplica(limited)).toMatchObject({ type: 'count' })
  })

  it('invariant 5: a worker that was down for an hour adds nothing to a threshold', () => {
    const replica = replicaRow(1, { status: 'NOT_READY', probeFailures: 5, probeFailureMs: 50_000 })
    expect(decideReplica(facts('NOT_READY', { replica, sighting: refused, watchedMs: 0 }))).toMatchObject({
      type: 'count',
      counters: { probeFailures: 6, probeFailureMs: 50_000 },
    })
  })

  it('invariant 12: an accused prober changes no status', () => {
    const accused = facts('READY', {
      sighting: refused,
      health: { isProberAccused: true, mayReplace: false },
    })
    expect(decideReplica(accused)).toMatchObject({ type: 'count', counters: { probeFailures: 0 } })
  })

  it('asks only for transitions that the table allows, whatever is seen', () => {
    const jobs = constantFrom<JobSighting>(
      running,
      died,
      setupDied,
      { state: 'absent' },
      { state: 'node-gone' },
      { state: 'noticed', reason: '' },
      { state: 'rebooted' },
      { state: 'preempted', reason: '' },
      { state: 'setting-up' },
      { state: 'unknown', reason: 'no answer' },
    )
    const sightings = constantFrom<ProbeSighting>(passed, refused, { state: 'not-due' })
    const given = record({
      status: constantFrom(...replicaStatuses),
      job: jobs,
      sighting: sightings,
      isWanted: boolean(),
      ms: nat(2_000_000),
    })
    assert(
      property(given, ({ status, job, sighting, isWanted, ms }) => {
        const counters = { startingMs: ms, probeFailureMs: ms, probeFailures: 2 }
        const step = decideReplica(
          facts(status, { replica: replicaRow(1, { status, isWanted, ...counters }), job, sighting }),
        )
        expect(step.type !== 'move' || canTransition('replica', status, step.to)).toBe(true)
        // No error and no silence ends a replica that is wanted.
        const isUnseen = isWanted && job.state === 'unknown' && sighting.state === 'not-due'
        expect(isUnseen && step.type === 'move').toBe(false)
      }),
    )
  })
})

describe('probe verdict', () => {
  const serving = (id: number, isFailing: boolean) =>
    replicaRow(id, {
      status: isFailing ? 'NOT_READY' : 'READY',
      firstReadyAtMs: 1,
      probeFailures: isFailing ? 1 : 0,
    })

  const judge = (replicas: readonly Replica[], desiredReplicas: number, gatewaySuccesses: number) => {
    const [self] = replicas
    if (self === undefined) throw new Error('no replica')
    return judgeProbes(self, { replicas, desiredReplicas, gatewaySuccesses })
  }
  const replacement = (id: number) =>
    replicaRow(id, { status: 'STARTING', firstReadyAtMs: null, startingMs: 0 })

  it('invariant 12: most probes fail while the gateway sees successes: the prober is accused', () => {
    const routed = [1, 2, 3].map((id) =>
      replicaRow(id, { status: 'READY', firstReadyAtMs: 1, probeFailures: 1 }),
    )
    expect(judge(routed, 3, 10)).toEqual({ isProberAccused: true, mayReplace: false })
    expect(judge(routed, 3, 0)).toEqual({ isProberAccused: false, mayReplace: true })
    expect(judge([serving(1, true), serving(2, true)], 2, 10).isProberAccused).toBe(true)
  })

  it('what hangs is replaced although one that passes its probe goes on serving', () => {
    const replicas = [serving(1, true), serving(2, true), serving(3, false)]
    expect(judge(replicas, 3, 10)).toEqual({ isProberAccused: false, mayReplace: true })
  })

  it('invariant 12: at most max(1, 20 %) are replaced at a time', () => {
    const ten = Array.from({ length: 10 }, (_, id) => serving(id, true))
    expect(judge(ten, 10, 0).mayReplace).toBe(true)
    expect(judge([...ten.slice(1), replacement(11)], 10, 0).mayReplace).toBe(true)
    expect(judge([...ten.slice(2), replacement(11), replacement(12)], 10, 0).mayReplace).toBe(false)
    const leaving = replicaRow(1, { status: 'DRAINING', isWanted: false, outcome: 'FAILED_PROBING' })
    expect(judge([serving(2, true), leaving], 2, 0).mayReplace).toBe(false)
  })

  it('a slot that keeps crashing does not keep a hung replica', () => {
    const crashing = replicaRow(2, { status: 'STARTING', firstReadyAtMs: null, startingMs: 90_000 })
    expect(judge([serving(1, true), crashing], 2, 0).mayReplace).toBe(true)
  })
})
