import type { ScalingMetric, ScalingSpec } from '@skykeep/core/service-spec'
import { replicaStatuses } from '@skykeep/core/statuses'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { autoscale, tickMs, type AutoscaleFacts } from '../src/autoscale.ts'
import { stateOf } from './facts.ts'

const count = fc.integer({ min: 0, max: 12 })
const target = fc.double({ min: 0.1, max: 20, noNaN: true })
const metric: fc.Arbitrary<ScalingMetric> = fc.oneof(
  fc.record({ kind: fc.constant('request_rate' as const), targetQpsPerReplica: target }),
  fc.record({
    kind: fc.constant('instance_aware' as const),
    targetQpsByAccelerator: fc.dictionary(fc.constantFrom('L4', 'L4:2', 'H100:1'), target, { minKeys: 1 }),
  }),
  fc.record({ kind: fc.constant('in_flight' as const), targetInFlightPerReplica: target }),
  fc.record({ kind: fc.constant('queue_length' as const), queueLengthThreshold: count }),
  fc.constant({ kind: 'fixed' as const }),
)
const delay = fc.constantFrom(0, 2, 20, 50, 300)
const scaling: fc.Arbitrary<ScalingSpec> = fc
  .record({ least: count, more: count, metric, up: delay, down: delay })
  .map(({ least, more, up, down, ...rest }) => ({
    metric: rest.metric,
    minReplicas: least,
    maxReplicas: least + more,
    numOverprovision: 0,
    upscaleDelaySeconds: up,
    downscaleDelaySeconds: down,
    isDynamicOndemandFallback: false,
    baseOndemandFallbackReplicas: 0,
  }))
const load = fc.record({
  isComplete: fc.boolean(),
  requestsPerSecond: fc.double({ min: 0, max: 200, noNaN: true }),
  inFlight: fc.nat(60),
  parked: fc.nat(20),
})
const replicas = fc.array(
  fc.record({
    accelerator: fc.constantFrom('', 'L4:1', 'L4:2', 'H100:1', 'T4:1'),
    status: fc.constantFrom(...replicaStatuses),
    isSpot: fc.boolean(),
  }),
  { maxLength: 12 },
)
const state = fc.record({ targetReplicas: count, upTicks: fc.nat(20), downTicks: fc.nat(70) })
const facts: fc.Arbitrary<AutoscaleFacts> = fc.record({ scaling, state, load, replicas })
const runs = { numRuns: 2000 }

it('the target is a whole number within the bounds, whatever was stored and seen', () => {
  const any = fc.oneof(fc.double(), fc.integer({ min: -5, max: 200 }))
  const broken = fc.record({
    scaling,
    state: fc.record({ targetReplicas: any, upTicks: any, downTicks: any }),
    load: fc.record({ isComplete: fc.boolean(), requestsPerSecond: any, inFlight: any, parked: any }),
    replicas,
  })
  fc.assert(
    fc.property(fc.oneof(facts, broken), (given) => {
      const { targetReplicas, upTicks, downTicks, terms } = autoscale(given)
      expect(Number.isInteger(targetReplicas)).toBe(true)
      expect(targetReplicas).toBeGreaterThanOrEqual(given.scaling.minReplicas)
      expect(targetReplicas).toBeLessThanOrEqual(given.scaling.maxReplicas)
      expect([upTicks, downTicks].every((ticks) => Number.isInteger(ticks) && ticks >= 0)).toBe(true)
      const isStorable = Object.values(terms).every(
        (term) => typeof term !== 'number' || Number.isFinite(term),
      )
      expect(isStorable).toBe(true)
      expect(tickMs(given.scaling, targetReplicas)).toBeGreaterThan(0)
    }),
    runs,
  )
})

it('invariant 11: with counts missing the target is never below the stored one, but for the maximum', () => {
  fc.assert(
    fc.property(facts, (given) => {
      const outcome = autoscale({ ...given, load: { ...given.load, isComplete: false } })
      const floor =
        given.scaling.metric.kind === 'fixed'
          ? given.scaling.minReplicas
          : Math.min(given.state.targetReplicas, given.scaling.maxReplicas)
      expect(outcome.targetReplicas).toBeGreaterThanOrEqual(floor)
    }),
    runs,
  )
})

it('invariant 18: with requests in flight or parked a service that has a replica never goes to zero', () => {
  fc.assert(
    fc.property(facts, (given) => {
      const isBusy = given.load.inFlight + given.load.parked > 0
      fc.pre(isBusy && given.state.targetReplicas > 0 && given.scaling.maxReplicas > 0)
      expect(autoscale(given).targetReplicas).toBeGreaterThan(0)
    }),
    runs,
  )
})

it('more load never means fewer replicas', () => {
  const growth = fc.record({
    requestsPerSecond: fc.double({ min: 0, max: 50, noNaN: true }),
    inFlight: fc.nat(9),
    parked: fc.nat(9),
  })
  fc.assert(
    fc.property(facts, growth, (given, more) => {
      const grown = {
        ...given.load,
        requestsPerSecond: given.load.requestsPerSecond + more.requestsPerSecond,
        inFlight: given.load.inFlight + more.inFlight,
        parked: given.load.parked + more.parked,
      }
      const before = autoscale(given).targetReplicas
      expect(autoscale({ ...given, load: grown }).targetReplicas).toBeGreaterThanOrEqual(before)
    }),
    runs,
  )
})

it('skypilot 3.5 #3, skypilot 3.5 #6, dstack 11 #6: a restart at any tick, from what is stored, changes no later decision', () => {
  const sights = fc.array(fc.record({ load, replicas }), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(scaling, state, sights, fc.nat(60), (spec, first, seen, killedAt) => {
      let lived = first
      let restarted = first
      for (const [index, sight] of seen.entries()) {
        if (index === killedAt) restarted = JSON.parse(JSON.stringify(stateOf(restarted)))
        lived = autoscale({ scaling: spec, state: lived, ...sight })
        restarted = autoscale({ scaling: spec, state: stateOf(restarted), ...sight })
      }
      expect(restarted).toEqual(lived)
    }),
    { numRuns: 500 },
  )
})

it('a load that stays is reached, and then nothing changes any more', () => {
  fc.assert(
    fc.property(facts, (given) => {
      fc.pre(given.load.isComplete && given.scaling.metric.kind !== 'queue_length')
      let outcome = autoscale(given)
      for (let tick = 0; tick < 800; tick += 1) outcome = autoscale({ ...given, state: outcome })
      expect(autoscale({ ...given, state: outcome })).toEqual(outcome)
      expect([outcome.upTicks, outcome.downTicks]).toEqual([0, 0])
    }),
    { numRuns: 200 },
  )
})
