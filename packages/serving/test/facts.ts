import type { ScalingMetric, ScalingSpec } from '@skykeep/core/service-spec'
import { autoscale, type AutoscaleOutcome, type ScalingState } from '../src/autoscale.ts'
import type { LoadSighting, ScalingReplica } from '../src/demand.ts'

/** 1 to 10 replicas by request rate, 1 request/s each, SkyPilot's delays. */
export function scaling(changes: Partial<ScalingSpec> = {}): ScalingSpec {
  return {
    minReplicas: 1,
    maxReplicas: 10,
    metric: { kind: 'request_rate', targetQpsPerReplica: 1 },
    numOverprovision: 0,
    upscaleDelaySeconds: 300,
    downscaleDelaySeconds: 1200,
    isDynamicOndemandFallback: false,
    baseOndemandFallbackReplicas: 0,
    ...changes,
  }
}

export const inFlight = (targetInFlightPerReplica: number): ScalingMetric => ({
  kind: 'in_flight',
  targetInFlightPerReplica,
})

export const queueLength = (queueLengthThreshold: number): ScalingMetric => ({
  kind: 'queue_length',
  queueLengthThreshold,
})

export function load(changes: Partial<LoadSighting> = {}): LoadSighting {
  return { isComplete: true, requestsPerSecond: 0, inFlight: 0, parked: 0, ...changes }
}

/** Requests that started in the last 60 s, as a rate. */
export const rateOf = (requests: number): Partial<LoadSighting> => ({ requestsPerSecond: requests / 60 })

export function at(targetReplicas: number, upTicks = 0, downTicks = 0): ScalingState {
  return { targetReplicas, upTicks, downTicks }
}

export function ready(accelerator = '', changes: Partial<ScalingReplica> = {}): ScalingReplica {
  return { accelerator, status: 'READY', isSpot: false, ...changes }
}

interface Tick {
  readonly scaling?: Partial<ScalingSpec>
  readonly state: ScalingState
  readonly load?: Partial<LoadSighting>
  readonly replicas?: readonly ScalingReplica[]
}

export function tick({ scaling: spec, state, load: seen, replicas = [] }: Tick): AutoscaleOutcome {
  return autoscale({ scaling: scaling(spec), state, load: load(seen), replicas })
}

/** The outcome after so many ticks of the same sight. */
export function ticks(count: number, first: Tick): AutoscaleOutcome {
  let outcome = tick(first)
  for (let index = 1; index < count; index += 1) outcome = tick({ ...first, state: outcome })
  return outcome
}

/** The stored part of an outcome. */
export function stateOf({ targetReplicas, upTicks, downTicks }: ScalingState): ScalingState {
  return { targetReplicas, upTicks, downTicks }
}
