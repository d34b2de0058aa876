import type { ScalingSpec } from '@skykeep/core/service-spec'
import { describe, expect, it } from 'vitest'
import { tickMs, type ScalingReason } from '../src/autoscale.ts'
import type { LoadSighting } from '../src/demand.ts'
import { at, inFlight, queueLength, rateOf, ready, scaling, stateOf, tick, ticks } from './facts.ts'

describe('the interval between two ticks (skypilot §2.10)', () => {
  it.each([
    ['20 s', scaling(), 1, 20_000],
    ['5 s at a target of 0', scaling({ minReplicas: 0 }), 0, 5_000],
    ['2 s for requests in flight', scaling({ metric: inFlight(4) }), 3, 2_000],
    ['2 s for requests in flight at 0', scaling({ metric: inFlight(4) }), 0, 2_000],
    ['20 s for the queue length', scaling({ metric: queueLength(1) }), 2, 20_000],
  ])('%s', (_, spec, target, expected) => {
    expect(tickMs(spec, target)).toBe(expected)
  })
})

describe('request rate: ceil(requests of 60 s / 60 / target), within the bounds', () => {
  const jump = { upscaleDelaySeconds: 0, downscaleDelaySeconds: 0, minReplicas: 0 }
  it.each([
    ['none asks for none', 0, 1, 0],
    ['one request in a minute asks for one', 1, 1, 1],
    ['60 in a minute are exactly 1/s', 60, 1, 1],
    ['61 in a minute need a second', 61, 1, 2],
    ['180 at 1/s', 180, 1, 3],
    ['36 at 0.2/s: 0.6 / 0.2 is 3', 36, 0.2, 3],
    ['252 at 0.7/s: 4.2 / 0.7 is 6, not 6.000000000000001', 252, 0.7, 6],
    ['1200 at 10/s', 1200, 10, 2],
    ['more than the maximum allows', 60_000, 1, 10],
  ])('%s', (_, requests, targetQpsPerReplica, expected) => {
    const spec = { ...jump, metric: { kind: 'request_rate', targetQpsPerReplica } } as const
    for (const start of [0, 5]) {
      expect(tick({ scaling: spec, state: at(start), load: rateOf(requests) }).targetReplicas).toBe(expected)
    }
  })

  it('never below the minimum', () => {
    const spec = { ...jump, minReplicas: 2 }
    expect(tick({ scaling: spec, state: at(4) }).targetReplicas).toBe(2)
  })
})

describe('delays count consecutive ticks: int(delay / interval)', () => {
  it('300 s are 15 ticks up', () => {
    const facts = { state: at(1), load: rateOf(240) }
    expect(ticks(14, facts)).toMatchObject({ targetReplicas: 1, upTicks: 14, reason: 'HELD_UP_DELAY' })
    expect(ticks(15, facts)).toMatchObject({ targetReplicas: 4, upTicks: 0, downTicks: 0, reason: 'RATE_UP' })
  })

  it('1200 s are 60 ticks down', () => {
    const facts = { state: at(4), load: rateOf(60) }
    expect(ticks(59, facts)).toMatchObject({ targetReplicas: 4, downTicks: 59, reason: 'HELD_DOWN_DELAY' })
    expect(ticks(60, facts)).toMatchObject({ targetReplicas: 1, downTicks: 0, reason: 'RATE_DOWN' })
  })

  it.each([
    [0, 1],
    [19.9, 1],
    [20, 1],
    [39, 1],
    [40, 2],
    [59.9, 2],
    [60, 3],
  ])('%s s: the %s. tick changes the target', (upscaleDelaySeconds, needed) => {
    const facts = { scaling: { upscaleDelaySeconds }, state: at(1), load: rateOf(240) }
    const targets = [1, 2, 3].map((count) => ticks(count, facts).targetReplicas)
    expect(targets.indexOf(4) + 1).toBe(needed)
  })

  it('a tick in between starts over, and a tick the other way too', () => {
    const up = ticks(14, { state: at(2), load: rateOf(240) })
    expect(tick({ state: up, load: rateOf(120) })).toMatchObject({
      upTicks: 0,
      downTicks: 0,
      reason: 'STEADY',
    })
    expect(tick({ state: up, load: rateOf(60) })).toMatchObject({ upTicks: 0, downTicks: 1 })
    expect(tick({ state: at(2, 0, 59), load: rateOf(240) })).toMatchObject({ upTicks: 1, downTicks: 0 })
  })

  it('the target becomes what the last tick asks for', () => {
    expect(tick({ state: at(2, 14), load: rateOf(180) }).targetReplicas).toBe(3)
    expect(tick({ state: at(2, 14), load: rateOf(420) }).targetReplicas).toBe(7)
  })

  it('from a target of 0 it jumps at once', () => {
    const outcome = tick({ scaling: { minReplicas: 0 }, state: at(0), load: rateOf(180) })
    expect(outcome).toMatchObject({ targetReplicas: 3, reason: 'RATE_UP' })
  })
})

describe('instance-aware: filled by what the replicas take, READY and large ones first', () => {
  const targets = { 'H100:1': 2.5, L4: 0.5 }
  const spec: Partial<ScalingSpec> = {
    metric: { kind: 'instance_aware', targetQpsByAccelerator: targets },
    upscaleDelaySeconds: 0,
    downscaleDelaySeconds: 0,
    minReplicas: 0,
    maxReplicas: 100,
  }
  const fleet = [ready('L4:1'), ready('H100:1'), ready('H100:1', { status: 'STARTING' })]
  it.each([
    ['nothing asks for none', 0, [ready('H100:1')], 0],
    ['the first is full at 2.5', 2.5, fleet, 1],
    ['the READY small one comes before the large one that starts', 3, fleet, 2],
    ['3.01 needs the one that starts', 3.01, fleet, 3],
    ['all three are full at 5.5', 5.5, fleet, 3],
    ['a new one takes 2.5', 5.6, fleet, 4],
    ['two new ones', 10.5, fleet, 5],
    ['no replica exists: all are new', 6, [], 3],
    ['an accelerator that no key names counts as the least', 1.5, [ready('T4:1'), ready('T4:1')], 3],
    ['one that is not known yet too', 0.6, [ready(''), ready('')], 2],
  ])('%s', (_, requestsPerSecond, replicas, expected) => {
    for (const start of [1, 3]) {
      const outcome = tick({ scaling: spec, state: at(start), load: { requestsPerSecond }, replicas })
      expect(outcome.targetReplicas).toBe(expected)
    }
  })
})

describe('in flight: ceil((in flight + parked) / target), up at once, down after the delay', () => {
  const spec = { metric: inFlight(4), upscaleDelaySeconds: 0, downscaleDelaySeconds: 60 }
  it.each([
    [4, 0, 1],
    [5, 0, 2],
    [4, 1, 2],
    [16, 0, 4],
    [17, 0, 5],
    [400, 0, 10],
  ])('%s in flight and %s parked need %s', (running, parked, expected) => {
    const seen = { inFlight: running, parked }
    expect(tick({ scaling: spec, state: at(1), load: seen }).targetReplicas).toBe(expected)
  })

  it('60 s are 30 ticks of 2 s down', () => {
    const facts = { scaling: spec, state: at(3), load: { inFlight: 2 } }
    expect(ticks(29, facts)).toMatchObject({ targetReplicas: 3, downTicks: 29, reason: 'HELD_DOWN_DELAY' })
    expect(ticks(30, facts)).toMatchObject({ targetReplicas: 1, reason: 'IN_FLIGHT_DOWN' })
  })

  it('a delay up that is given counts ticks of 2 s', () => {
    const facts = {
      scaling: { ...spec, upscaleDelaySeconds: 6 },
      state: at(1),
      load: { inFlight: 40 },
    }
    expect(ticks(2, facts)).toMatchObject({ targetReplicas: 1, upTicks: 2 })
    expect(ticks(3, facts)).toMatchObject({ targetReplicas: 10, reason: 'IN_FLIGHT_UP' })
  })
})

describe('queue length: one more above the threshold, one less below it, the minimum when it is empty', () => {
  const spec = { metric: queueLength(5), minReplicas: 0, upscaleDelaySeconds: 0, downscaleDelaySeconds: 0 }
  it.each<readonly [string, number, Partial<LoadSighting>, number]>([
    ['empty', 4, { parked: 0 }, 0],
    ['empty, but two replicas at most are busy', 4, { parked: 0, inFlight: 2 }, 2],
    ['longer', 4, { parked: 6 }, 5],
    ['as long', 4, { parked: 5 }, 4],
    ['shorter', 4, { parked: 4 }, 3],
    ['shorter, and all are busy', 4, { parked: 4, inFlight: 40 }, 4],
    ['never to zero while one is parked', 1, { parked: 1 }, 1],
    ['no further than the maximum', 10, { parked: 50 }, 10],
    ['from zero', 0, { parked: 6 }, 1],
    ['from zero with a short queue', 0, { parked: 1 }, 1],
  ])('%s', (_, start, seen, expected) => {
    expect(tick({ scaling: spec, state: at(start), load: seen }).targetReplicas).toBe(expected)
  })

  it('waits for the delays like the rate does', () => {
    const delays = { upscaleDelaySeconds: 300, downscaleDelaySeconds: 1200 }
    const facts = { scaling: { ...spec, ...delays }, state: at(2), load: { parked: 9 } }
    expect(ticks(14, facts).targetReplicas).toBe(2)
    expect(ticks(15, facts)).toMatchObject({ targetReplicas: 3, reason: 'QUEUE_UP' })
  })
})

describe('bounds that an update changed', () => {
  it.each<
    readonly [
      string,
      Partial<ScalingSpec>,
      readonly [start: number, requests: number],
      readonly [number, ScalingReason],
    ]
  >([
    ['up to the new minimum at once', { minReplicas: 3 }, [1, 0], [3, 'BOUNDS_CHANGED']],
    ['down to the new maximum at once', { maxReplicas: 4 }, [9, 540], [4, 'BOUNDS_CHANGED']],
    ['a lower minimum scales nothing in at once', { minReplicas: 1 }, [6, 60], [6, 'HELD_DOWN_DELAY']],
    ['a fixed number is taken over at once', fixed(2), [5, 300], [2, 'BOUNDS_CHANGED']],
    ['a fixed 0 as well', fixed(0), [5, 300], [0, 'BOUNDS_CHANGED']],
  ])('%s', (_, spec, [start, requests], [target, reason]) => {
    expect(tick({ scaling: spec, state: at(start), load: rateOf(requests) })).toMatchObject({
      targetReplicas: target,
      reason,
    })
  })

  it('the counters begin anew', () => {
    expect(tick({ scaling: { minReplicas: 3 }, state: at(1, 14, 0), load: rateOf(600) })).toMatchObject({
      targetReplicas: 3,
      upTicks: 1,
    })
  })

  function fixed(count: number): Partial<ScalingSpec> {
    return { metric: { kind: 'fixed' }, minReplicas: count, maxReplicas: count }
  }
})

describe('invariant 11: missing counts never scale down', () => {
  const missing = { isComplete: false }

  it('skypilot 3.5 #4: a load balancer that died neither freezes the last rate nor scales in: it is said', () => {
    const outcome = ticks(500, { state: at(6), load: missing })
    expect(stateOf(outcome)).toEqual(at(6))
    expect(outcome.reason).toBe('COUNTS_MISSING')
    expect(outcome.message).toBe('counts of a gateway are missing: stays at 6, whatever the rest says')
    expect(outcome.terms).toMatchObject({ isComplete: false, requestsPerSecond: 0 })
  })

  it('what is there is the least that the load can be: it still scales up', () => {
    const outcome = ticks(15, { state: at(2), load: { ...missing, ...rateOf(300) } })
    expect(outcome).toMatchObject({ targetReplicas: 5, reason: 'RATE_UP' })
  })

  it('such a tick adds to no counter and erases none', () => {
    expect(stateOf(tick({ state: at(4, 0, 30), load: missing }))).toEqual(at(4, 0, 30))
    expect(stateOf(tick({ state: at(4, 9, 0), load: missing }))).toEqual(at(4, 9, 0))
    expect(stateOf(tick({ state: at(4, 0, 59), load: missing }))).toEqual(at(4, 0, 59))
    expect(tick({ state: at(4, 0, 59) })).toMatchObject({ targetReplicas: 1, reason: 'RATE_DOWN' })
  })

  it.each([Number.NaN, -1, Infinity])('a count of %s was not counted', (count) => {
    for (const name of ['requestsPerSecond', 'inFlight', 'parked'] as const) {
      const outcome = tick({ state: at(5, 0, 59), load: { [name]: count } })
      expect(outcome).toMatchObject({ targetReplicas: 5, reason: 'COUNTS_MISSING' })
    }
  })
})

describe('invariant 18: in-flight requests forbid scaling to zero, the first parked one ends it at once', () => {
  const toZero = { minReplicas: 0, downscaleDelaySeconds: 0 }

  it.each([{ inFlight: 1 }, { parked: 1 }, { inFlight: 9, parked: 3 }])('%o', (seen) => {
    const outcome = ticks(100, { scaling: toZero, state: at(3), load: seen })
    expect(outcome).toMatchObject({ targetReplicas: 1, reason: 'IN_FLIGHT_BLOCKS_ZERO' })
  })

  it('with nothing in flight it goes to zero', () => {
    expect(tick({ scaling: toZero, state: at(1) })).toMatchObject({ targetReplicas: 0, reason: 'RATE_DOWN' })
  })

  it('a parked request wakes it, to what the load asks for', () => {
    expect(tick({ scaling: toZero, state: at(0), load: { parked: 1 } })).toMatchObject({
      targetReplicas: 1,
      reason: 'PARKED_WAKES',
    })
    expect(tick({ scaling: toZero, state: at(0), load: { parked: 1, ...rateOf(240) } })).toMatchObject({
      targetReplicas: 4,
      reason: 'PARKED_WAKES',
    })
    const metric = inFlight(4)
    const outcome = tick({ scaling: { ...toZero, metric }, state: at(0), load: { parked: 9 } })
    expect(outcome).toMatchObject({ targetReplicas: 3, reason: 'PARKED_WAKES' })
  })

  it('counts that are missing do not keep it asleep', () => {
    const seen = { parked: 1, isComplete: false }
    expect(tick({ scaling: toZero, state: at(0), load: seen }).reason).toBe('PARKED_WAKES')
  })

  it('what still drains at zero does not wake it', () => {
    expect(tick({ scaling: toZero, state: at(0), load: { inFlight: 1 } })).toMatchObject({
      targetReplicas: 0,
      reason: 'STEADY',
    })
  })

  it('only a maximum of 0 is above that', () => {
    const none = { minReplicas: 0, maxReplicas: 0 }
    expect(tick({ scaling: none, state: at(0), load: { parked: 5 } }).targetReplicas).toBe(0)
    expect(tick({ scaling: none, state: at(2), load: { inFlight: 5 } }).targetReplicas).toBe(0)
  })
})

describe('what is stored', () => {
  it('skypilot 3.5 #3: a loaded service keeps its target over a restart, it is not scaled in to the minimum', () => {
    const stored = at(6, 0, 2)
    const outcome = tick({ state: JSON.parse(JSON.stringify(stored)), load: rateOf(360) })
    expect(outcome).toMatchObject({ targetReplicas: 6, reason: 'STEADY' })
  })

  it.each([Number.NaN, -2, 1.5, Infinity])(
    'a target of %s is no target: what lives is what was wanted',
    (target) => {
      const replicas = [ready(), ready(), ready()]
      const outcome = tick({ state: at(target), load: rateOf(60), replicas })
      expect(outcome).toMatchObject({ targetReplicas: 3, reason: 'HELD_DOWN_DELAY' })
    },
  )

  it.each([Number.NaN, -5, 2.5])('ticks of %s are none', (count) => {
    expect(tick({ state: at(2, count, count), load: rateOf(300) })).toMatchObject({
      upTicks: 1,
      downTicks: 0,
    })
  })

  it.each([0, Number.NaN, -1])('a metric with a target of %s changes nothing', (target) => {
    const metrics = [
      { kind: 'request_rate', targetQpsPerReplica: target },
      { kind: 'instance_aware', targetQpsByAccelerator: { L4: target } },
      inFlight(target),
    ] as const
    for (const metric of metrics) {
      const outcome = tick({ scaling: { metric }, state: at(4), load: { requestsPerSecond: 9, inFlight: 9 } })
      expect(outcome.targetReplicas).toBe(4)
    }
  })
})

it('a decision says why in a sentence, with every term', () => {
  const outcome = tick({ state: at(2, 14), load: rateOf(210) })
  expect(outcome.message).toBe('3.5 requests/s at 1 per replica asks for 4 replicas: from 2 to 4')
  expect(outcome.terms).toEqual({
    metric: 'request_rate',
    requestsPerSecond: 3.5,
    inFlight: 0,
    parked: 0,
    isComplete: true,
    targetQpsPerReplica: 1,
    before: 2,
    asked: 4,
    desired: 4,
    target: 4,
    min: 1,
    max: 10,
    upTicks: 0,
    upThreshold: 15,
    downTicks: 0,
    downThreshold: 60,
    tickSeconds: 20,
  })
  expect(tick({ state: at(1, 2), load: rateOf(6000) }).message).toBe(
    '100 requests/s at 1 per replica asks for 100 replicas, within 1 to 10: more than 1 in 3 of 15 ticks',
  )
})
