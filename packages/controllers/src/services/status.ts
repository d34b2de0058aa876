import type { Replica } from '@skykeep/core/nouns'
import type { ServiceStatus } from '@skykeep/core/statuses'
import { taskOf, type ServiceFacts, type ServiceStep } from './facts.ts'
import { failureStreak } from './failure-streak.ts'

/** Never-ready failures in a row that make the status FAILED; retrying goes on, slower and slower. */
export const failuresUntilFailed = 3

/** The status that a service should have, as a step; null when it has it. Pure. */
export function statusStep(facts: ServiceFacts, living: readonly Replica[]): ServiceStep | null {
  const { service } = facts
  const [to, reason, message] = statusOf(facts, living)
  if (service.status === to) return null
  // A row that came back to life for any reason never leaves READY for the first start.
  if (to === 'REPLICA_INIT' && service.status === 'READY') return null
  return { type: 'set-status', to, reason, message }
}

function statusOf(facts: ServiceFacts, living: readonly Replica[]): readonly [ServiceStatus, string, string] {
  const { service, target } = facts
  if (service.isPaused) return ['PAUSED', 'PAUSED', 'paused: no replica runs until it is resumed']
  if (target.reason === 'OFF_HOURS' && target.goal.total === 0) {
    return ['PAUSED', 'OFF_HOURS', offHoursMessage(target.terms['opensAtMs'])]
  }
  const ready = living.filter(({ status }) => status === 'READY').length
  if (ready > 0) return ['READY', 'REPLICA_READY', `${ready} of ${target.goal.total} replicas ready`]
  if (target.goal.total === 0)
    return ['NO_REPLICA', 'SCALED_TO_ZERO', 'no replica is wanted; the first request starts one']
  const task = taskOf(facts, service.targetVersion)
  const streak = failureStreak(facts.replicas, ({ version }) => taskOf(facts, version) === task)
  if (streak.neverReady >= failuresUntilFailed) {
    const last = streak.last === undefined ? '' : `: ${streak.last.statusReason}`
    return ['FAILED', 'REPLICAS_FAILED', `the last ${streak.neverReady} replicas never became ready${last}`]
  }
  if (service.latestEverReadyVersion > 0) return ['NO_REPLICA', 'NONE_READY', 'no replica is ready']
  return ['REPLICA_INIT', 'REPLICAS_STARTING', 'replicas are starting']
}

function offHoursMessage(opensAtMs: unknown): string {
  if (typeof opensAtMs !== 'number') return 'off-hours: no replica runs'
  return `off-hours: no replica runs until ${new Date(opensAtMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
