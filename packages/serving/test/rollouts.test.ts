import { array, assert, constantFrom, integer, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Rollout } from '@skykeep/core/nouns'
import { latencyBoundsMs } from '@skykeep/core/routes'
import {
  defaultUpdatePolicy,
  updateModes,
  type UpdateMode,
  type UpdatePolicy,
} from '@skykeep/core/service-spec'
import { canTransition } from '@skykeep/core/statuses'
import { decideRollout, type RolloutFacts } from '../src/rollouts/decide-rollout.ts'
import { judgeGate, percentileMs, type GateSample } from '../src/rollouts/gate.ts'
import { RolloutModel, type ModelEvent } from './rollout-model.ts'

const none = { living: 0, ready: 0 }

function rolloutOf(fields: Partial<Rollout> = {}, settings: Partial<UpdatePolicy> = {}): Rollout {
  return {
    uid: 'rol_a',
    serviceUid: 'svc_a',
    serviceName: 'hello',
    operationUid: 'op_a',
    fromVersion: 1,
    toVersion: 2,
    mode: 'rolling',
    settings: { ...defaultUpdatePolicy, ...settings },
    rowVersion: 1,
    status: 'PROGRESSING',
    statusReason: '',
    isPaused: false,
    isCancelled: false,
    step: 0,
    stepMs: 0,
    stalledMs: 0,
    readyPeak: 0,
    gate: null,
    createdAtMs: 0,
    createdBy: 'usr_a',
    finishedAtMs: null,
    ...fields,
  }
}

function decide(fields: Partial<RolloutFacts>): ReturnType<typeof decideRollout> {
  return decideRollout({
    rollout: rolloutOf(),
    isSameTask: false,
    wanted: 3,
    fresh: none,
    old: { living: 3, ready: 3 },
    neverReady: 0,
    lastFailure: '',
    gate: null,
    watchedMs: 1_000,
    ...fields,
  })
}

describe('cancelled by a person', () => {
  it.each(updateModes)('%s: goes back before any other end, held or done, and ends there', (mode) => {
    for (const isPaused of [false, true]) {
      for (const fresh of [none, { living: 3, ready: 3 }]) {
        const rollout = rolloutOf({ mode, isPaused, isCancelled: true }, { mode, isAutomaticRollback: false })
        const { end } = decide({ rollout, fresh, old: none })
        expect(end).toMatchObject({ to: 'ROLLING_BACK', reason: 'CANCELLED_BY_USER' })
      }
    }
    const back = rolloutOf({ mode, isCancelled: true, status: 'ROLLING_BACK' })
    expect(decide({ rollout: back }).end).toMatchObject({ to: 'ROLLED_BACK' })
  })
})

describe('rolling', () => {
  it('makes one above the number, and removes one for each that is ready', () => {
    expect(decide({}).plan).toEqual({ fresh: { wanted: 1, kept: 3 }, old: { wanted: 0, kept: 3 } })
    const one = decide({ fresh: { living: 1, ready: 1 } })
    expect(one.plan).toEqual({ fresh: { wanted: 1, kept: 3 }, old: { wanted: 0, kept: 2 } })
    const next = decide({ fresh: { living: 1, ready: 1 }, old: { living: 2, ready: 2 } })
    expect(next.plan.fresh.wanted).toBe(2)
    expect(next.end).toBe(null)
    expect(decide({ fresh: { living: 3, ready: 3 }, old: none }).end?.to).toBe('SUCCEEDED')
  })

  it('keeps every replica where only settings of the service changed', () => {
    const { end, plan } = decide({ isSameTask: true, fresh: { living: 3, ready: 3 }, old: none })
    expect(end).toMatchObject({ to: 'SUCCEEDED', reason: 'SETTINGS_APPLIED' })
    expect(plan.fresh).toEqual({ wanted: 3, kept: 3 })
  })

  it('ends the old before it begins the new where both listen on one fixed port', () => {
    const before = decide({ isExclusive: true, wanted: 1, old: { living: 1, ready: 1 } })
    expect(before.plan).toEqual({ fresh: { wanted: 0, kept: 1 }, old: { wanted: 0, kept: 0 } })
    expect(decide({ isExclusive: true, wanted: 1, old: none }).plan.fresh).toEqual({ wanted: 1, kept: 1 })
  })

  it('with nothing wanted the next replica runs the new version', () => {
    expect(decide({ wanted: 0, old: none }).end).toMatchObject({
      to: 'SUCCEEDED',
      reason: 'NO_REPLICA_WANTED',
    })
  })
})

describe('rollback', () => {
  it('dstack §11, dstack #4186: a version that never becomes ready goes back, and no old replica went', () => {
    const failing = decide({
      neverReady: 3,
      lastFailure: 'run exited with 1',
      fresh: { living: 1, ready: 0 },
    })
    expect(failing.end).toMatchObject({ to: 'ROLLING_BACK', reason: 'NEVER_READY' })
    expect(failing.end?.message).toContain('run exited with 1')
    expect(failing.plan.old.kept).toBe(3)
    const back = decide({ rollout: rolloutOf({ status: 'ROLLING_BACK' }), fresh: { living: 1, ready: 0 } })
    expect(back.plan).toEqual({ fresh: { wanted: 0, kept: 0 }, old: { wanted: 3, kept: 3 } })
    expect(decide({ rollout: rolloutOf({ status: 'ROLLING_BACK' }) }).end?.to).toBe('ROLLED_BACK')
  })

  it('comes when nothing progressed for the deadline, by watched time only', () => {
    const settings = { progressDeadlineSeconds: 60 }
    const stalled = (stalledMs: number, watchedMs: number) =>
      decide({ rollout: rolloutOf({ stalledMs }, settings), watchedMs })
    expect(stalled(58_000, 1_000).end).toBe(null)
    expect(stalled(59_000, 1_000).end).toMatchObject({ to: 'ROLLING_BACK', reason: 'PROGRESS_DEADLINE' })
    // An hour in which nobody looked adds nothing.
    expect(stalled(58_000, 0).progress.stalledMs).toBe(58_000)
  })

  it('does not come before a replica may be late, unless the deadline was said', () => {
    const late = rolloutOf({ stalledMs: 700_000 })
    expect(decide({ rollout: late, initialDelayMs: 1_200_000 }).end).toBe(null)
    const said = rolloutOf({ stalledMs: 700_000 }, { progressDeadlineSeconds: 30 })
    expect(decide({ rollout: said, initialDelayMs: 1_200_000 }).end?.to).toBe('ROLLING_BACK')
  })

  it('does not come by itself where it was switched off, where there is nothing to go back to, or while held', () => {
    expect(decide({ rollout: rolloutOf({}, { isAutomaticRollback: false }), neverReady: 9 }).end).toBe(null)
    expect(decide({ rollout: rolloutOf({ fromVersion: 2 }), neverReady: 9 }).end).toBe(null)
    const held = decide({ rollout: rolloutOf({ isPaused: true, stalledMs: 9e6 }), neverReady: 9 })
    expect(held.end).toBe(null)
    expect(held.plan.old.kept).toBe(3)
  })
})

describe('blue-green', () => {
  const blueGreen = (fields: Partial<Rollout> = {}) => rolloutOf({ mode: 'blue_green', ...fields })

  it('brings up the whole new version beside the old one, switches once, then removes the old one', () => {
    const before = decide({ rollout: blueGreen(), fresh: { living: 3, ready: 2 } })
    expect(before.plan).toEqual({ fresh: { wanted: 3, kept: 3 }, old: { wanted: 3, kept: 3 } })
    expect(before.progress.step).toBe(0)
    const switched = decide({ rollout: blueGreen(), fresh: { living: 3, ready: 3 } })
    expect(switched.progress.step).toBe(1)
    expect(switched.plan.old.kept).toBe(0)
    expect(switched.end).toBe(null)
  })
})

describe('canary', () => {
  const canary = (fields: Partial<Rollout> = {}) =>
    rolloutOf({ mode: 'canary', ...fields }, { canary: { ...defaultUpdatePolicy.canary, bakeSeconds: 10 } })
  const gate = (verdict: 'waiting' | 'passed' | 'failed') => ({
    ...judgeGate(sample(0, 0), sample(0, 0), defaultUpdatePolicy.canary),
    verdict,
    reason: 'why',
  })

  it('keeps the old version whole while its steps last', () => {
    const { plan } = decide({ rollout: canary(), wanted: 20, old: { living: 20, ready: 20 } })
    expect(plan).toEqual({ fresh: { wanted: 2, kept: 2 }, old: { wanted: 20, kept: 20 } })
    const second = decide({ rollout: canary({ step: 1 }), wanted: 20, old: { living: 20, ready: 20 } })
    expect(second.plan.fresh.wanted).toBe(10)
    expect(decide({ rollout: canary({ step: 2 }) }).plan.old.wanted).toBe(0)
  })

  it('counts its time from when its replicas are ready, and goes on when the gate passed', () => {
    const ready = { living: 1, ready: 1 }
    expect(decide({ rollout: canary(), fresh: { living: 1, ready: 0 } }).progress).toMatchObject({
      stepMs: 0,
      stalledMs: 1_000,
    })
    expect(decide({ rollout: canary(), fresh: ready }).progress).toMatchObject({
      stepMs: 1_000,
      stalledMs: 0,
    })
    const baked = canary({ stepMs: 10_000 })
    expect(decide({ rollout: baked, fresh: ready, gate: gate('waiting') }).progress.step).toBe(0)
    expect(decide({ rollout: baked, fresh: ready, gate: gate('passed') }).progress).toMatchObject({
      step: 1,
      stepMs: 0,
    })
    const patient = canary({ stepMs: 50_000 })
    expect(decide({ rollout: patient, fresh: ready, gate: gate('waiting') }).progress.step).toBe(1)
  })

  it('goes back at once when the gate failed', () => {
    const { end, plan } = decide({ rollout: canary(), fresh: { living: 1, ready: 1 }, gate: gate('failed') })
    expect(end).toMatchObject({ to: 'ROLLING_BACK', reason: 'GATE_FAILED' })
    expect(plan.old.kept).toBe(3)
  })
})

function sample(ended: number, failed: number, tookMs = 10): GateSample {
  const index = latencyBoundsMs.findIndex((bound) => tookMs <= bound)
  const latency = Array.from({ length: latencyBoundsMs.length + 1 }, (_, at) => (at === index ? ended : 0))
  return { ended, failed, latency }
}

describe('the gate', () => {
  const policy = defaultUpdatePolicy.canary

  it('judges nothing by too few requests', () => {
    expect(judgeGate(sample(19, 19), sample(1_000, 0), policy).verdict).toBe('waiting')
  })

  it('compares errors with the old version', () => {
    expect(judgeGate(sample(100, 2), sample(1_000, 0), policy).verdict).toBe('failed')
    expect(judgeGate(sample(100, 1), sample(1_000, 0), policy).verdict).toBe('passed')
    // What fails on the old version too is not the new one's fault.
    expect(judgeGate(sample(100, 50), sample(1_000, 500), policy).verdict).toBe('passed')
  })

  it('compares the p95 with the old version, above the noise of the machine', () => {
    expect(judgeGate(sample(100, 0, 250), sample(100, 0, 100), policy).verdict).toBe('failed')
    expect(judgeGate(sample(100, 0, 100), sample(100, 0, 50), policy).verdict).toBe('passed')
    expect(judgeGate(sample(100, 0, 5), sample(100, 0, 1), policy).verdict).toBe('passed')
  })

  it('reads a percentile off the histogram', () => {
    expect(percentileMs([], 0.95)).toBe(null)
    expect(percentileMs([95, 5], 0.95)).toBe(latencyBoundsMs[0])
    expect(percentileMs([94, 6], 0.95)).toBe(latencyBoundsMs[1])
  })
})

describe('every way through a rollout', () => {
  const events = array(
    constantFrom<ModelEvent>('look', 'ready', 'fail-fresh', 'die-old', 'hold', 'release'),
    {
      maxLength: 60,
    },
  )

  const walk = (mode: UpdateMode, wanted: number, happens: readonly ModelEvent[]): RolloutModel => {
    const model = new RolloutModel(rolloutOf({ mode }, { minReadySeconds: 0 }), wanted)
    for (const event of happens) model.happen(event)
    return model
  }

  it('removes no old replica but for a ready new one, and asks only for legal transitions', () => {
    assert(
      property(constantFrom(...updateModes), integer({ min: 1, max: 6 }), events, (mode, wanted, happens) => {
        const model = walk(mode, wanted, happens)
        expect(model.removedTooEarly).toBe(0)
        for (const [from, to] of model.transitions) expect(canTransition('rollout', from, to)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('comes to its end once nothing fails any more', () => {
    assert(
      property(constantFrom(...updateModes), integer({ min: 1, max: 6 }), events, (mode, wanted, happens) => {
        const model = walk(mode, wanted, [...happens, 'release'])
        for (let look = 0; look < 400 && !model.isEnded; look += 1)
          model.happen(look % 2 === 0 ? 'ready' : 'look')
        expect(model.isEnded).toBe(true)
        expect(model.readyOfGoal).toBe(wanted)
      }),
      { numRuns: 300 },
    )
  })
})
