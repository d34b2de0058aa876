import type { Endpoint, Operation, Replica, Service } from '@skykeep/core/nouns'
import { isTerminal, type OperationStatus } from '@skykeep/core/statuses'
import { isLiving } from '../services/decide.ts'

export interface OperationFacts {
  readonly operation: Operation
  readonly service: Service | null
  /** Replicas of the service that are not TERMINATED. */
  readonly replicas: readonly Replica[]
  readonly endpoint: Endpoint | null
  /** Replicas that every living gateway sends requests to. */
  readonly routedReplicas: number
}

export interface OperationDecision {
  /** Where it is now, in a person's words. */
  readonly phase: string
  readonly to: OperationStatus | null
  readonly reason: string
  readonly message: string
}

/** Follows a person's request to its end by looking at what it asked for; it changes nothing itself. Pure. */
export function decideOperation(facts: OperationFacts): OperationDecision {
  const { operation, service } = facts
  if (isTerminal('operation', operation.status)) return stay(operation, operation.phase)
  if (service === null) return end('FAILED', 'TARGET_GONE', 'the service is gone')
  if (operation.verb === 'serve.up') return decideUp(facts, service)
  if (operation.verb === 'serve.down') return decideDown(facts, service)
  return end('FAILED', 'UNKNOWN_VERB', `this version does not know the verb ${operation.verb}`)
}

function decideUp(facts: OperationFacts, service: Service): OperationDecision {
  const { operation, replicas, endpoint, routedReplicas } = facts
  if (service.deletionRequestedAtMs !== null) {
    return end('CANCELLED', 'SUPERSEDED', 'the service was taken down before it was up')
  }
  const current = replicas.filter(
    (replica) => isLiving(replica) && replica.version === service.desiredVersion,
  )
  const ready = current.filter(({ status }) => status === 'READY').length
  const phase = phaseOf(current, endpoint)
  const isSettled = service.observedGeneration >= service.generation
  const serving = Math.min(ready, routedReplicas)
  if (isSettled && serving >= service.desiredReplicas && endpoint?.status === 'OPEN') {
    const message = `${ready} of ${service.desiredReplicas} replicas ready at http://${endpoint.host}:${endpoint.port}`
    return { ...end('SUCCEEDED', 'SERVICE_READY', message), phase: message }
  }
  if (isSettled && service.status === 'FAILED') return end('FAILED', 'SERVICE_FAILED', service.statusReason)
  return stay(operation, phase)
}

function decideDown(facts: OperationFacts, service: Service): OperationDecision {
  if (service.status === 'TERMINATED')
    return end('SUCCEEDED', 'SERVICE_GONE', 'nothing is left of the service')
  const left = facts.replicas
    .toSorted((a, b) => a.replicaId - b.replicaId)
    .map((replica) => `replica ${replica.replicaId}: ${replica.status}`)
  return stay(facts.operation, left.length === 0 ? 'releasing the port' : left.join(', '))
}

function phaseOf(replicas: readonly Replica[], endpoint: Endpoint | null): string {
  const lines = replicas
    .toSorted((a, b) => a.replicaId - b.replicaId)
    .map(({ replicaId, status, statusReason }) => {
      const why = status === 'READY' || statusReason === '' ? '' : ` (${statusReason})`
      return `replica ${replicaId}: ${status}${why}`
    })
  if (endpoint?.status === 'BLOCKED') lines.push(`endpoint BLOCKED: ${endpoint.statusReason}`)
  return lines.length === 0 ? 'waiting for replicas' : lines.join(', ')
}

function stay(operation: Operation, phase: string): OperationDecision {
  const to = operation.status === 'PENDING' ? 'RUNNING' : null
  return { phase, to, reason: 'STARTED', message: phase }
}

function end(to: 'SUCCEEDED' | 'FAILED' | 'CANCELLED', reason: string, message: string): OperationDecision {
  return { phase: message, to, reason, message }
}
