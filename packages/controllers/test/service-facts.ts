import type { Replica, Service } from '@skykeep/core/nouns'
import type { ServiceFacts } from '../src/services/facts.ts'
import type { TargetDecision } from '../src/services/target.ts'

/** A target of a fixed number on demand. */
export function fixedTarget(total: number, fields: Partial<TargetDecision> = {}): TargetDecision {
  return {
    goal: { total, spot: 0, onDemand: total },
    state: null,
    reason: 'FIXED',
    message: '',
    terms: {},
    ...fields,
  }
}

/** Facts of a service that wants `desiredReplicas` and has no rollout, with what the test is about. */
export function factsOf(
  service: Service,
  replicas: readonly Replica[],
  fields: Partial<ServiceFacts> = {},
): ServiceFacts {
  return {
    service,
    replicas,
    target: fixedTarget(service.desiredReplicas),
    rollout: null,
    taskVersions: new Map(),
    settled: new Set(replicas.filter(({ status }) => status === 'READY').map(({ uid }) => uid)),
    gate: null,
    watchedMs: 0,
    isExclusive: false,
    initialDelayMs: 0,
    placement: null,
    sinceLastEndMs: null,
    isUnrouted: true,
    isEndpointReleased: false,
    nowMs: 1_000_000,
    ...fields,
  }
}
