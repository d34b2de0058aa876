import type { ReplicaStatus } from '@skykeep/core/statuses'
import type { ScalingMetric } from '@skykeep/core/service-spec'
import { bestQpsCapacity, qpsCapacity } from './capacity.ts'

/** What the gateways saw of a service's load. */
export interface LoadSighting {
  /** False: the counts of a gateway are missing for some of the window. What is there is then the least that it can be. */
  readonly isComplete: boolean
  /** Requests that started in the last 60 s, divided by 60. */
  readonly requestsPerSecond: number
  /** Requests that replicas are answering now. */
  readonly inFlight: number
  /** Requests that wait for a replica now. */
  readonly parked: number
}

/** A living, wanted replica, as scaling sees it. */
export interface ScalingReplica {
  /** `L4:1`; empty where it has none, or is not known yet. */
  readonly accelerator: string
  readonly status: ReplicaStatus
  readonly isSpot: boolean
}

export interface DemandFacts {
  readonly metric: ScalingMetric
  readonly minReplicas: number
  /** Replicas aimed at now: queue length goes up and down from there. */
  readonly current: number
  readonly load: LoadSighting
  readonly replicas: readonly ScalingReplica[]
}

export interface Demand {
  /** Before the bounds; no finite number where the metric's target is none. */
  readonly replicas: number
  /** For a person: `3.5 requests/s at 1 per replica`. */
  readonly because: string
  readonly terms: Readonly<Record<string, number>>
}

/** How many replicas the load asks for. Pure; the load's numbers are finite and not negative. */
export function demandOf(facts: DemandFacts): Demand {
  const { metric } = facts
  switch (metric.kind) {
    case 'fixed':
      return { replicas: facts.minReplicas, because: 'a fixed number', terms: {} }
    case 'request_rate':
      return byRate(facts.load, metric.targetQpsPerReplica)
    case 'instance_aware':
      return byCapacity(facts, metric.targetQpsByAccelerator)
    case 'in_flight':
      return byInFlight(facts.load, metric.targetInFlightPerReplica)
    case 'queue_length':
      return byQueue(facts, metric.queueLengthThreshold)
  }
}

/** SkyPilot's `RequestRateAutoscaler`: requests of the last 60 s / 60, over the target, rounded up. */
function byRate({ requestsPerSecond }: LoadSighting, target: number): Demand {
  return {
    replicas: ceilRatio(requestsPerSecond, target),
    because: `${shown(requestsPerSecond)} requests/s at ${shown(target)} per replica`,
    terms: { targetQpsPerReplica: target },
  }
}

/**
 * SkyPilot's `InstanceAwareRequestRateAutoscaler`: the replicas that exist are filled by what each takes, READY ones and
 * large ones first; what is left goes to new ones. Unlike there, no load asks for none, and a full replica for no second one.
 */
function byCapacity(facts: DemandFacts, targets: Readonly<Record<string, number>>): Demand {
  const { requestsPerSecond } = facts.load
  const existing = facts.replicas
    .map(({ accelerator, status }) => ({
      isReady: status === 'READY',
      capacity: qpsCapacity(targets, accelerator),
    }))
    .toSorted((a, b) => Number(b.isReady) - Number(a.isReady) || b.capacity - a.capacity)
  let replicas = 0
  let taken = 0
  for (const { capacity } of existing) {
    if (!isAbove(requestsPerSecond, taken)) break
    replicas += 1
    taken += capacity
  }
  const best = bestQpsCapacity(targets)
  const rest = isAbove(requestsPerSecond, taken) ? requestsPerSecond - taken : 0
  const capacityQps = existing.reduce((sum, { capacity }) => sum + capacity, 0)
  return {
    replicas: replicas + ceilRatio(rest, best),
    because: `${shown(requestsPerSecond)} requests/s where ${existing.length} replicas take ${shown(capacityQps)} and a new one ${shown(best)}`,
    terms: { capacityQps, newReplicaQps: best, existingReplicas: existing.length },
  }
}

function byInFlight({ inFlight, parked }: LoadSighting, target: number): Demand {
  return {
    replicas: ceilRatio(inFlight + parked, target),
    because: `${shown(inFlight)} in flight and ${shown(parked)} parked at ${shown(target)} per replica`,
    terms: { targetInFlightPerReplica: target },
  }
}

/**
 * SkyPilot's `QueueLengthAutoscaler`: an empty queue asks for the minimum, a longer one than the threshold for one more, a
 * shorter one for one less but never none. Only idle replicas may go: no more requests than replicas are busy.
 */
function byQueue({ load, current, minReplicas }: DemandFacts, threshold: number): Demand {
  const { parked, inFlight } = load
  const busy = Math.min(current, Math.ceil(inFlight))
  const because = `${shown(parked)} parked at a threshold of ${shown(threshold)}, ${shown(inFlight)} in flight`
  const terms = { queueLengthThreshold: threshold }
  if (parked === 0) return { replicas: Math.max(minReplicas, busy), because, terms }
  if (parked > threshold) return { replicas: current + 1, because, terms }
  if (parked < threshold) return { replicas: Math.max(1, current - 1, busy), because, terms }
  return { replicas: current, because, terms }
}

/** Doubles that stand for decimals: 4.2 / 0.7 is 6, not 6.000000000000001. */
const tolerance = 1e-12

function ceilRatio(amount: number, target: number): number {
  return amount <= 0 ? 0 : Math.ceil((amount / target) * (1 - tolerance))
}

function isAbove(amount: number, taken: number): boolean {
  return amount > 0 && amount * (1 - tolerance) > taken
}

/** At most three decimals. */
function shown(value: number): string {
  return String(Number(value.toFixed(3)))
}
