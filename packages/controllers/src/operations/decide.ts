import { assertNever } from '@skykeep/core/errors'
import type { Endpoint, Operation, Replica, Rollout, Service } from '@skykeep/core/nouns'
import { operationVerbs, type OperationVerb } from '@skykeep/core/operation-verbs'
import { isTerminal, type OperationStatus } from '@skykeep/core/statuses'
import { isLiving } from '../services/facts.ts'
import { decideCancelled } from './decide-cancelled.ts'
import { rolloutPhase } from './rollout-phase.ts'

export interface OperationFacts {
  readonly operation: Operation
  readonly service: Service | null
  /** Replicas of the service that are not TERMINATED. */
  readonly replicas: readonly Replica[]
  readonly endpoint: Endpoint | null
  /** The rollout that the operation asked for; null for other verbs. */
  readonly rollout: Rollout | null
  /** The replica that the operation names, whatever its status; null for other verbs and where there is none. */
  readonly replica: Replica | null
  /** Replicas that every living gateway sends requests to. */
  readonly routedReplicas: number
}

export interface OperationDecision {
  /** Where it is now, in a person's words. */
  readonly phase: string
  readonly to: OperationStatus | null
  readonly reason: string
  readonly message: string
  /** A replica to be given up, by uid. */
  readonly unwant?: string
}

/** Follows a person's request to its end by looking at what it asked for. Pure. */
export function decideOperation(facts: OperationFacts): OperationDecision {
  const { operation, service } = facts
  if (isTerminal('operation', operation.status)) return stay(operation, operation.phase)
  if (service === null) return end('FAILED', 'TARGET_GONE', 'the service is gone')
  const verb = operationVerbs.find((known) => known === operation.verb)
  if (verb === undefined) {
    return end('FAILED', 'UNKNOWN_VERB', `this version does not know the verb ${operation.verb}`)
  }
  const undoing = decideUndoing(facts, service)
  if (undoing !== null) return undoing
  if (verb !== 'serve.down' && service.deletionRequestedAtMs !== null) {
    return end('CANCELLED', 'SUPERSEDED', 'the service was taken down before this was done')
  }
  return decideVerb(verb, facts, service)
}

/** Null while nobody has cancelled it. */
function decideUndoing(facts: OperationFacts, service: Service): OperationDecision | null {
  const { operation, replicas, rollout } = facts
  if (operation.cancelRequestedAtMs === null) return null
  const decision = decideCancelled({ verb: operation.verb, service, replicas, rollout })
  if (decision === null) return null
  const { to, reason, message } = decision
  return to === null ? stay(operation, message) : end(to, reason, message)
}

function decideVerb(verb: OperationVerb, facts: OperationFacts, service: Service): OperationDecision {
  switch (verb) {
    case 'serve.up':
      return decideUp(facts, service)
    case 'serve.resume':
      return service.isPaused
        ? end('CANCELLED', 'SUPERSEDED', 'the service was paused again')
        : decideUp(facts, service)
    case 'serve.down':
      return decideDown(facts, service)
    case 'serve.update':
    case 'serve.rollback':
      return decideRolled(facts, service)
    case 'serve.pause':
      return decidePause(facts, service)
    case 'serve.schedule':
      return isSeen(service)
        ? end('SUCCEEDED', 'IN_FORCE', 'the off-hours are in force')
        : stay(facts.operation, 'waiting for the controller')
    case 'serve.terminate-replica':
      return decideTermination(facts)
    default:
      return assertNever(verb)
  }
}

function isSeen(service: Service): boolean {
  return service.observedGeneration >= service.generation
}

function decideUp(facts: OperationFacts, service: Service): OperationDecision {
  const { operation, replicas, endpoint, routedReplicas } = facts
  const current = replicas.filter(isLiving)
  const ready = current.filter(({ status }) => status === 'READY').length
  const phase = phaseOf(current, endpoint)
  const serving = Math.min(ready, routedReplicas)
  if (isSeen(service) && serving >= service.targetReplicas && endpoint?.status === 'OPEN') {
    const where = `at http://${endpoint.host}:${endpoint.port}`
    const message =
      service.targetReplicas === 0
        ? `${service.statusReason} (${where})`
        : `${ready} of ${service.targetReplicas} replicas ready ${where}`
    return end('SUCCEEDED', 'SERVICE_READY', message)
  }
  if (isSeen(service) && service.status === 'FAILED')
    return end('FAILED', 'SERVICE_FAILED', service.statusReason)
  return stay(operation, phase)
}

function decideDown(facts: OperationFacts, service: Service): OperationDecision {
  if (service.status === 'TERMINATED')
    return end('SUCCEEDED', 'SERVICE_GONE', 'nothing is left of the service')
  const left = replicaLines(facts.replicas)
  return stay(facts.operation, left === '' ? 'releasing the port' : left)
}

function decidePause({ operation, replicas }: OperationFacts, service: Service): OperationDecision {
  if (!service.isPaused) return end('CANCELLED', 'SUPERSEDED', 'the service was resumed')
  if (isSeen(service) && replicas.length === 0 && service.status === 'PAUSED') {
    return end('SUCCEEDED', 'SERVICE_PAUSED', 'no replica runs; the endpoint says that it is paused')
  }
  return stay(operation, replicaLines(replicas) || 'waiting for the controller')
}

function decideRolled(facts: OperationFacts, service: Service): OperationDecision {
  const { operation, rollout, replicas } = facts
  if (rollout === null) return end('FAILED', 'ROLLOUT_GONE', 'its rollout is not there')
  const phase = rolloutPhase(rollout, service, replicas)
  switch (rollout.status) {
    case 'SUCCEEDED':
      return end('SUCCEEDED', 'ROLLED_OUT', rollout.statusReason)
    case 'ROLLED_BACK':
      return end('FAILED', 'ROLLED_BACK', rollout.statusReason)
    case 'SUPERSEDED':
      return end('CANCELLED', 'SUPERSEDED', 'another version was asked for')
    case 'PROGRESSING':
    case 'ROLLING_BACK':
      return stay(operation, phase)
    default:
      return assertNever(rollout.status)
  }
}

function decideTermination({ operation, replica }: OperationFacts): OperationDecision {
  if (replica === null) {
    const id = operation.details['replicaId']
    return end('FAILED', 'NO_REPLICA', `there is no replica ${typeof id === 'number' ? id : '?'}`)
  }
  if (replica.status === 'TERMINATED') {
    return end('SUCCEEDED', 'REPLICA_GONE', `nothing is left of replica ${replica.replicaId}`)
  }
  const decision = stay(operation, replicaLines([replica]))
  return replica.isWanted ? { ...decision, unwant: replica.uid } : decision
}

function phaseOf(replicas: readonly Replica[], endpoint: Endpoint | null): string {
  const lines = [replicaLines(replicas)].filter((line) => line !== '')
  if (endpoint?.status === 'BLOCKED') lines.push(`endpoint BLOCKED: ${endpoint.statusReason}`)
  return lines.length === 0 ? 'waiting for replicas' : lines.join(', ')
}

function replicaLines(replicas: readonly Replica[]): string {
  return replicas
    .toSorted((a, b) => a.replicaId - b.replicaId)
    .map(({ replicaId, status, statusReason }) => {
      const why = status === 'READY' || statusReason === '' ? '' : ` (${statusReason})`
      return `replica ${replicaId}: ${status}${why}`
    })
    .join(', ')
}

function stay(operation: Operation, phase: string): OperationDecision {
  const to = operation.status === 'PENDING' ? 'RUNNING' : null
  return { phase, to, reason: 'STARTED', message: phase }
}

function end(to: 'SUCCEEDED' | 'FAILED' | 'CANCELLED', reason: string, message: string): OperationDecision {
  return { phase: message, to, reason, message }
}
