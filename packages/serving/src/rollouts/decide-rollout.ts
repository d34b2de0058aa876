import type { Rollout, RolloutGate } from '@skykeep/core/nouns'
import { defaultUpdatePolicy } from '@skykeep/core/service-spec'
import type { RolloutStatus } from '@skykeep/core/statuses'
import { canaryReplicas, isOldAtFull, planRollout, type RolloutPlan, type SideCount } from './plan.ts'

export interface RolloutFacts {
  readonly rollout: Rollout
  /** Both versions have the same task: their replicas are interchangeable, and there is nothing to replace. */
  readonly isSameTask: boolean
  /** Replicas that the service should have. */
  readonly wanted: number
  readonly fresh: SideCount
  readonly old: SideCount
  /** Newest replicas of the new version in a row that ended without ever having been ready. */
  readonly neverReady: number
  /** Why the last of them ended, or empty. */
  readonly lastFailure: string
  /** What the canary's gate measures now; null outside of a canary's steps. */
  readonly gate: RolloutGate | null
  /** The two versions cannot run side by side. */
  readonly isExclusive?: boolean
  /** Longest that a replica of the new version may take until it is ready, milliseconds: no progress is expected before. */
  readonly initialDelayMs?: number
  /** Milliseconds that were watched since the last look: never time in which nobody looked (invariant 5). */
  readonly watchedMs: number
}

export interface RolloutProgress {
  readonly step: number
  readonly stepMs: number
  readonly stalledMs: number
  readonly readyPeak: number
}

export interface RolloutEnd {
  readonly to: RolloutStatus
  readonly reason: string
  readonly message: string
}

export interface RolloutDecision {
  readonly plan: RolloutPlan
  readonly progress: RolloutProgress
  readonly end: RolloutEnd | null
}

/** Never-ready replicas in a row after which a version is given up: three, as for a service. */
export const neverReadyUntilRollback = 3
/** Longest that a canary waits for requests to be judged by, as a multiple of its bake time. */
const bakeMultipleWithoutRequests = 5

/**
 * The next step of a rollout: how many replicas each version should have, and whether it ends. A version that does not become ready never
 * costs a replica of the old one: old replicas go only for new ones that are ready. Pure.
 */
export function decideRollout(facts: RolloutFacts): RolloutDecision {
  const { rollout } = facts
  const progress = progressOf(facts)
  const plan = planRollout({ ...facts, rollout: { ...rollout, ...progress } })
  return { plan, progress, end: endOf(facts, progress) }
}

function endOf(facts: RolloutFacts, progress: RolloutProgress): RolloutEnd | null {
  const { rollout, wanted, fresh, old, isSameTask } = facts
  const { toVersion, fromVersion } = rollout
  if (rollout.status === 'ROLLING_BACK') {
    const isBack = isSameTask || (old.ready >= wanted && fresh.living === 0)
    if (!isBack) return null
    return {
      to: 'ROLLED_BACK',
      reason: 'ROLLED_BACK',
      message: `${rollout.statusReason}; version ${fromVersion} serves again`,
    }
  }
  // Before any end: whoever cancels in the last moment gets what was asked for.
  if (rollout.isCancelled) {
    const message = `the way to version ${toVersion} was cancelled`
    return { to: 'ROLLING_BACK', reason: 'CANCELLED_BY_USER', message }
  }
  if (isSameTask) {
    const message = `only settings of the service changed: every replica serves version ${toVersion} as it is`
    return { to: 'SUCCEEDED', reason: 'SETTINGS_APPLIED', message }
  }
  if (wanted === 0 && fresh.living + old.living === 0) {
    const message = `no replica is wanted now; the next one runs version ${toVersion}`
    return { to: 'SUCCEEDED', reason: 'NO_REPLICA_WANTED', message }
  }
  const isReplacing = !isOldAtFull({ ...rollout, ...progress })
  if (isReplacing && fresh.ready >= wanted && old.living === 0) {
    return {
      to: 'SUCCEEDED',
      reason: 'ROLLED_OUT',
      message: `${fresh.ready} replicas run version ${toVersion}`,
    }
  }
  return rollout.settings.isAutomaticRollback ? failureOf(facts, progress) : null
}

/** Why the new version is given up, or null. */
export function failureOf(
  { rollout, fresh, neverReady, lastFailure, gate, initialDelayMs }: RolloutFacts,
  { stalledMs }: RolloutProgress,
): RolloutEnd | null {
  const { toVersion, fromVersion, settings, isPaused } = rollout
  if (fromVersion === 0 || fromVersion === toVersion || isPaused) return null
  if (fresh.ready === 0 && neverReady >= neverReadyUntilRollback) {
    const why = lastFailure === '' ? '' : `: ${lastFailure}`
    const message = `version ${toVersion} never became ready in ${neverReady} tries${why}`
    return { to: 'ROLLING_BACK', reason: 'NEVER_READY', message }
  }
  if (gate?.verdict === 'failed') {
    return { to: 'ROLLING_BACK', reason: 'GATE_FAILED', message: `version ${toVersion}: ${gate.reason}` }
  }
  // A model that may load for twenty minutes is not given up after ten, unless somebody said so.
  const isDefault = settings.progressDeadlineSeconds === defaultUpdatePolicy.progressDeadlineSeconds
  const deadlineMs = Math.max(
    settings.progressDeadlineSeconds * 1_000,
    isDefault && fresh.ready === 0 ? (initialDelayMs ?? 0) : 0,
  )
  if (stalledMs < deadlineMs) return null
  const message = `version ${toVersion} made no progress for ${Math.round(deadlineMs / 1_000)} s: ${fresh.ready} replicas are ready`
  return { to: 'ROLLING_BACK', reason: 'PROGRESS_DEADLINE', message }
}

function progressOf(facts: RolloutFacts): RolloutProgress {
  const { rollout, fresh, watchedMs } = facts
  const { step, stepMs, stalledMs, readyPeak, isPaused, status } = rollout
  if (isPaused || status !== 'PROGRESSING') return { step, stepMs, stalledMs, readyPeak }
  if (isStepDone(facts)) return { step: step + 1, stepMs: 0, stalledMs: 0, readyPeak }
  const isServing = isStepServing(facts)
  const isProgress = fresh.ready > readyPeak
  return {
    step,
    stepMs: isServing ? stepMs + watchedMs : stepMs,
    // A canary that bakes waits on purpose; everything else that waits is stalled.
    stalledMs: isProgress || (isServing && rollout.mode === 'canary') ? 0 : stalledMs + watchedMs,
    readyPeak: Math.max(readyPeak, fresh.ready),
  }
}

/** True when the replicas of the present step are ready: a canary's time runs from then on. */
function isStepServing({ rollout, fresh, wanted }: RolloutFacts): boolean {
  if (!isOldAtFull(rollout) || wanted === 0) return false
  return rollout.mode === 'canary' && fresh.ready >= canaryReplicas(rollout, wanted)
}

function isStepDone(facts: RolloutFacts): boolean {
  const { rollout, fresh, wanted, gate } = facts
  if (!isOldAtFull(rollout)) return false
  // Without replicas there is nothing to compare or to switch.
  if (wanted === 0) return true
  if (rollout.mode === 'blue_green') return fresh.ready >= wanted
  const bakeMs = rollout.settings.canary.bakeSeconds * 1_000
  if (!isStepServing(facts) || rollout.stepMs < bakeMs) return false
  if (gate?.verdict === 'passed') return true
  return gate?.verdict !== 'failed' && rollout.stepMs >= bakeMs * bakeMultipleWithoutRequests
}
