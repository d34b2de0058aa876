import type { JsonValue } from '@skykeep/core/events'
import type { AutoscalerState } from '@skykeep/core/nouns'
import type { ScalingMetric, ScalingSpec } from '@skykeep/core/service-spec'
import { demandOf, type Demand, type LoadSighting, type ScalingReplica } from './demand.ts'

export type { LoadSighting, ScalingReplica } from './demand.ts'

/** The counters that outlive every process. */
export type ScalingState = Pick<AutoscalerState, 'targetReplicas' | 'upTicks' | 'downTicks'>

export interface AutoscaleFacts {
  readonly scaling: ScalingSpec
  /** As stored; before the first tick: `minReplicas` and no ticks. */
  readonly state: ScalingState
  readonly load: LoadSighting
  /** Living and wanted. */
  readonly replicas: readonly ScalingReplica[]
}

export type ScalingReason =
  | 'STEADY'
  | 'FIXED'
  | 'BOUNDS_CHANGED'
  | 'PARKED_WAKES'
  | 'IN_FLIGHT_BLOCKS_ZERO'
  | 'COUNTS_MISSING'
  | 'HELD_UP_DELAY'
  | 'HELD_DOWN_DELAY'
  | 'RATE_UP'
  | 'RATE_DOWN'
  | 'IN_FLIGHT_UP'
  | 'IN_FLIGHT_DOWN'
  | 'QUEUE_UP'
  | 'QUEUE_DOWN'

export interface AutoscaleOutcome extends ScalingState {
  readonly reason: ScalingReason
  /** A sentence for a person, with the terms in it. */
  readonly message: string
  readonly terms: { readonly [key: string]: JsonValue }
}

/** SkyPilot's decision intervals (`sky/serve/constants.py`), and ours for requests in flight. */
const tickSeconds = { usual: 20, atZero: 5, inFlight: 2 }

/** How long after a tick the next one is due, milliseconds. */
export function tickMs(scaling: ScalingSpec, targetReplicas: number): number {
  if (scaling.metric.kind === 'in_flight') return tickSeconds.inFlight * 1000
  return (targetReplicas === 0 ? tickSeconds.atZero : tickSeconds.usual) * 1000
}

/**
 * One tick of the autoscaler: SkyPilot's arithmetic (`_AutoscalerWithHysteresis`), on a state that is stored. Pure.
 * The target is always within the bounds. Missing counts never lower it (invariant 11): they add to no counter and erase none,
 * as a threshold counts observations. While requests are in flight or parked it does not go to zero, and a parked request
 * ends zero at once (invariant 18); only a maximum of 0 is above that.
 */
export function autoscale(facts: AutoscaleFacts): AutoscaleOutcome {
  const tick = readTick(facts)
  const { start, desired, load } = tick
  const next = countTick(tick)
  const reason = reasonOf(tick, next.targetReplicas)
  return {
    ...next,
    reason,
    message: messageOf(tick, next, reason),
    terms: {
      metric: facts.scaling.metric.kind,
      requestsPerSecond: load.requestsPerSecond,
      inFlight: load.inFlight,
      parked: load.parked,
      isComplete: load.isComplete,
      ...tick.demand.terms,
      before: tick.before,
      asked: tick.demand.replicas,
      desired,
      target: next.targetReplicas,
      min: tick.min,
      max: tick.max,
      upTicks: next.upTicks,
      upThreshold: tick.upThreshold,
      downTicks: next.downTicks,
      downThreshold: tick.downThreshold,
      tickSeconds: tickMs(facts.scaling, start) / 1000,
    },
  }
}

interface Tick extends Pick<ScalingState, 'upTicks' | 'downTicks'> {
  readonly metric: ScalingMetric['kind']
  readonly load: LoadSighting
  readonly min: number
  readonly max: number
  /** The target as stored, and within the bounds of now. */
  readonly before: number
  readonly start: number
  readonly demand: Demand
  /** The demand within the bounds, with what forbids zero. */
  readonly desired: number
  readonly isBusy: boolean
  readonly upThreshold: number
  readonly downThreshold: number
}

function readTick({ scaling, state, load: seen, replicas }: AutoscaleFacts): Tick {
  const min = countOr(scaling.minReplicas, 0)
  const max = Math.max(min, countOr(scaling.maxReplicas, min))
  const clip = (count: number): number => Math.max(min, Math.min(max, count))
  // A target that cannot be read: what lives is what was wanted.
  const before = countOr(state.targetReplicas, replicas.length)
  const start = clip(before)
  const load = soundLoad(seen)
  const found = demandOf({ metric: scaling.metric, minReplicas: min, current: start, load, replicas })
  // A target of 0 or none asks for no number: the service stays as it is.
  const demand = { ...found, replicas: countOr(found.replicas, start) }
  const isBusy = load.parked > 0 || (load.inFlight > 0 && start > 0)
  const thresholdOf = (seconds: number): number => Math.trunc((seconds * 1000) / tickMs(scaling, start))
  const isMoved = start !== before
  return {
    metric: scaling.metric.kind,
    load,
    min,
    max,
    before,
    start,
    demand,
    desired: clip(isBusy ? Math.max(1, demand.replicas) : demand.replicas),
    isBusy,
    upTicks: isMoved ? 0 : countOr(state.upTicks, 0),
    downTicks: isMoved ? 0 : countOr(state.downTicks, 0),
    upThreshold: thresholdOf(scaling.upscaleDelaySeconds),
    downThreshold: thresholdOf(scaling.downscaleDelaySeconds),
  }
}

/** A count that is none (NaN, negative) was not counted. */
function soundLoad(seen: LoadSighting): LoadSighting {
  const { requestsPerSecond, inFlight, parked } = seen
  const isSound = [requestsPerSecond, inFlight, parked].every((count) => count >= 0 && Number.isFinite(count))
  const sound = (count: number): number => (count > 0 && Number.isFinite(count) ? count : 0)
  return {
    isComplete: seen.isComplete && isSound,
    requestsPerSecond: sound(requestsPerSecond),
    inFlight: sound(inFlight),
    parked: sound(parked),
  }
}

function countOr(value: number, fallback: number): number {
  return Number.isSafeInteger(value) && value >= 0 ? value : fallback
}

function countTick(tick: Tick): ScalingState {
  const { start, desired, metric } = tick
  const settled = { targetReplicas: desired, upTicks: 0, downTicks: 0 }
  if (metric === 'fixed' || start === 0) return settled
  if (desired > start) {
    const upTicks = tick.upTicks + 1
    return upTicks >= tick.upThreshold ? settled : { targetReplicas: start, upTicks, downTicks: 0 }
  }
  if (!tick.load.isComplete) {
    return { targetReplicas: start, upTicks: tick.upTicks, downTicks: tick.downTicks }
  }
  if (desired === start) return settled
  const downTicks = tick.downTicks + 1
  return downTicks >= tick.downThreshold ? settled : { targetReplicas: start, upTicks: 0, downTicks }
}

const changeReasons: Readonly<Record<ScalingMetric['kind'], readonly [ScalingReason, ScalingReason]>> = {
  fixed: ['FIXED', 'FIXED'],
  request_rate: ['RATE_UP', 'RATE_DOWN'],
  instance_aware: ['RATE_UP', 'RATE_DOWN'],
  in_flight: ['IN_FLIGHT_UP', 'IN_FLIGHT_DOWN'],
  queue_length: ['QUEUE_UP', 'QUEUE_DOWN'],
}

function reasonOf(tick: Tick, target: number): ScalingReason {
  const { start, desired, load } = tick
  const [up, down] = changeReasons[tick.metric]
  if (target > start) return start === 0 && load.parked > 0 ? 'PARKED_WAKES' : up
  if (target < start) return down
  if (start !== tick.before) return 'BOUNDS_CHANGED'
  if (desired > start) return 'HELD_UP_DELAY'
  if (tick.metric === 'fixed') return 'STEADY'
  if (!load.isComplete) return 'COUNTS_MISSING'
  if (desired < start) return 'HELD_DOWN_DELAY'
  return start === 1 && tick.min === 0 && tick.isBusy && tick.demand.replicas === 0
    ? 'IN_FLIGHT_BLOCKS_ZERO'
    : 'STEADY'
}

function messageOf(tick: Tick, next: ScalingState, reason: ScalingReason): string {
  const { start, desired, demand } = tick
  const bounded = desired === demand.replicas ? '' : `, within ${tick.min} to ${tick.max}`
  const asks = `${demand.because} asks for ${replicasText(demand.replicas)}${bounded}`
  switch (reason) {
    case 'BOUNDS_CHANGED':
      return `the bounds are ${tick.min} to ${tick.max}: from ${tick.before} to ${next.targetReplicas}`
    case 'HELD_UP_DELAY':
      return `${asks}: more than ${start} in ${next.upTicks} of ${tick.upThreshold} ticks`
    case 'HELD_DOWN_DELAY':
      return `${asks}: less than ${start} in ${next.downTicks} of ${tick.downThreshold} ticks`
    case 'COUNTS_MISSING':
      return `counts of a gateway are missing: stays at ${start}, whatever the rest says`
    case 'IN_FLIGHT_BLOCKS_ZERO':
      return `${tick.load.inFlight} requests are in flight and ${tick.load.parked} parked: stays at 1`
    case 'STEADY':
      return `${asks}: stays at ${start}`
    default:
      return `${asks}: from ${tick.before} to ${next.targetReplicas}`
  }
}

function replicasText(count: number): string {
  return count === 1 ? '1 replica' : `${count} replicas`
}
