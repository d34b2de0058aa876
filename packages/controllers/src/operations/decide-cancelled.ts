import { assertNever } from '@skykeep/core/errors'
import type { Replica, Rollout, Service } from '@skykeep/core/nouns'
import { cancelWayOf } from '@skykeep/core/operation-verbs'
import type { OperationStatus } from '@skykeep/core/statuses'

export interface CancelledFacts {
  readonly verb: string
  readonly service: Service
  /** Replicas of the service that are not TERMINATED. */
  readonly replicas: readonly Replica[]
  /** The rollout that the operation asked for; null for other verbs. */
  readonly rollout: Rollout | null
}

export interface CancelledDecision {
  readonly to: Extract<OperationStatus, 'SUCCEEDED' | 'CANCELLED'> | null
  /** SCREAMING_SNAKE; empty while it is on its way. */
  readonly reason: string
  readonly message: string
}

/**
 * How far the undoing of a request is: CANCELLED only once the service is at the place that cancelling promised. Null for a verb that
 * cannot be cancelled: it goes on as if nobody had asked. Pure.
 */
export function decideCancelled({
  verb,
  service,
  replicas,
  rollout,
}: CancelledFacts): CancelledDecision | null {
  const way = cancelWayOf(verb)
  switch (way.to) {
    case null:
      return null
    case 'taken-down':
      if (service.status === 'TERMINATED') return cancelled('nothing is left of the service')
      return underWay(`taking the service down, ${count(replicas)} left`)
    case 'paused':
      return paused(service, replicas)
    case 'version-before':
      return service.deletionRequestedAtMs === null
        ? rolledBack(rollout)
        : cancelled('the service was taken down')
    default:
      return assertNever(way)
  }
}

function paused(service: Service, replicas: readonly Replica[]): CancelledDecision {
  if (service.deletionRequestedAtMs !== null) return cancelled('the service was taken down')
  if (!service.isPaused) return cancelled('the service was resumed anew')
  if (replicas.length === 0 && service.status === 'PAUSED') return cancelled('the service is paused again')
  return underWay(`pausing the service, ${count(replicas)} left`)
}

function rolledBack(rollout: Rollout | null): CancelledDecision {
  if (rollout === null) return cancelled('its rollout is not there any more')
  const { status, fromVersion } = rollout
  switch (status) {
    case 'PROGRESSING':
    case 'ROLLING_BACK':
      return underWay(`going back to version ${fromVersion}`)
    case 'ROLLED_BACK':
      return cancelled(`version ${fromVersion} serves again`)
    case 'SUPERSEDED':
      return cancelled('another version was asked for')
    case 'SUCCEEDED':
      return { to: 'SUCCEEDED', reason: 'ROLLED_OUT', message: 'it was done before it could be cancelled' }
    default:
      return assertNever(status)
  }
}

function count({ length }: readonly Replica[]): string {
  return length === 1 ? '1 replica' : `${length} replicas`
}

function cancelled(where: string): CancelledDecision {
  return { to: 'CANCELLED', reason: 'CANCELLED_BY_USER', message: `cancelled: ${where}` }
}

function underWay(phase: string): CancelledDecision {
  return { to: null, reason: '', message: `being cancelled: ${phase}` }
}
