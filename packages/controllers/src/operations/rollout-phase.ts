import type { Replica, Rollout, Service } from '@skykeep/core/nouns'
import { isOldAtFull } from '@skykeep/serving/rollouts/plan'
import { isLiving } from '../services/facts.ts'

/** Where a rollout is, in a person's words. Pure. */
export function rolloutPhase(rollout: Rollout, service: Service, replicas: readonly Replica[]): string {
  const { fromVersion, toVersion, status, statusReason, isPaused } = rollout
  const readyOn = (version: number): number =>
    replicas.filter(
      (replica) => isLiving(replica) && replica.status === 'READY' && replica.version === version,
    ).length
  if (status === 'ROLLING_BACK') {
    return `rolling back to version ${fromVersion}: ${readyOn(fromVersion)} of ${service.targetReplicas} ready (${statusReason})`
  }
  const held = isPaused ? ', held' : ''
  const count = `${readyOn(toVersion)} of ${service.targetReplicas} replicas on version ${toVersion}`
  return `${count}${stepOf(rollout)}${held}`
}

function stepOf(rollout: Rollout): string {
  const { mode, step, settings, gate } = rollout
  if (!isOldAtFull(rollout)) return ''
  if (mode === 'blue_green') return ', before the switch'
  const percents = settings.canary.stepPercents
  const judged = gate === null ? '' : `; ${gate.reason}`
  return `, canary ${percents[step] ?? 100} % (step ${step + 1} of ${percents.length}${judged})`
}
