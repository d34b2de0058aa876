import type { ServiceDecision, ServiceFacts, ServiceStep } from './facts.ts'

/** Takes a service down in order: replicas, then the endpoint once nothing names it, then the row. Pure. */
export function decideDeletion(facts: ServiceFacts): ServiceDecision {
  const { service, replicas, rollout } = facts
  if (service.status === 'TERMINATED') return { steps: [], requeueAfterMs: null }
  const steps: ServiceStep[] = []
  if (rollout !== null) {
    const message = 'the service was taken down'
    steps.push({ type: 'end-rollout', uid: rollout.uid, to: 'SUPERSEDED', reason: 'SERVICE_DOWN', message })
  }
  const wanted = replicas.filter(({ isWanted, status }) => isWanted && status !== 'TERMINATED')
  if (wanted.length > 0) {
    steps.push({ type: 'unwant', uids: wanted.map(({ uid }) => uid), reason: 'SERVICE_DOWN' })
  }
  if (service.status !== 'SHUTTING_DOWN') {
    const message = 'stopping every replica'
    steps.push({ type: 'set-status', to: 'SHUTTING_DOWN', reason: 'DOWN_REQUESTED', message })
    return { steps, requeueAfterMs: 0 }
  }
  const left = replicas.filter(({ status }) => status !== 'TERMINATED')
  if (left.length > 0) return { steps, requeueAfterMs: null }
  if (!facts.isEndpointReleased) {
    if (!facts.isUnrouted) return { steps, requeueAfterMs: 500 }
    steps.push({ type: 'release-endpoint' })
  }
  const message = 'every replica is gone and the port is free'
  steps.push({ type: 'set-status', to: 'TERMINATED', reason: 'DOWN_DONE', message })
  return { steps, requeueAfterMs: null }
}
