import type { Replica, Rollout } from '@skykeep/core/nouns'
import type { RolloutStatus } from '@skykeep/core/statuses'
import { decideRollout, type RolloutDecision } from '@skykeep/serving/rollouts/decide-rollout'
import { decideDeletion } from './decide-deletion.ts'
import {
  goalVersionOf,
  isLiving,
  taskOf,
  type ServiceDecision,
  type ServiceFacts,
  type ServiceSeen,
  type ServiceStep,
} from './facts.ts'
import { failureStreak, replacementPauseMs } from './failure-streak.ts'
import { missingOf, surplusOf } from './fleet.ts'
import { clearLocations, noteLocations, placeMissing } from './place.ts'
import { statusStep } from './status.ts'

/** Launches of one service under way at once: bounds a relaunch after a reboot (invariant 19). */
export const maxLaunchingPerService = 8
/** While a rollout runs it is looked at this often, milliseconds. */
export const rolloutLookMs = 1_000

/**
 * What brings one service closer to what is wanted. Pure.
 * Nothing but a desired state removes a replica: a READY one goes only for a smaller target, or for a ready one that takes its place.
 */
export function decideService(facts: ServiceFacts): ServiceDecision {
  return facts.service.deletionRequestedAtMs === null ? decideLiving(facts) : decideDeletion(facts)
}

function decideLiving(facts: ServiceFacts): ServiceDecision {
  const { service, rollout, target } = facts
  const living = facts.replicas.filter(isLiving)
  const goalVersion = goalVersionOf(service, rollout)
  const sides = sidesOf(facts, living, goalVersion)
  const steps: ServiceStep[] = [...targetSteps(facts), ...noteLocations(facts), ...clearLocations(facts)]
  const rolled = rollout === null ? null : roll(facts, rollout, sides)
  if (rolled !== null) steps.push(...rolled.steps)
  const total = target.goal.spot + target.goal.onDemand
  const plan = rolled?.decision.plan ?? {
    fresh: { wanted: total, kept: total },
    old: { wanted: 0, kept: keptOld(total, sides) },
  }
  const backVersion = rollout?.fromVersion ?? service.targetVersion
  const made = [
    create(facts, { living: sides.fresh, plan: plan.fresh, version: rollout?.toVersion ?? goalVersion }),
    create(facts, { living: sides.old, plan: plan.old, version: backVersion }),
  ]
  steps.push(...made.flatMap(({ steps: creating }) => creating))
  const surplus = [
    ...surplusOf(sides.fresh, plan.fresh, { goal: target.goal, capacityOf: facts.capacityOf }),
    ...surplusOf(sides.old, plan.old, { goal: target.goal, capacityOf: facts.capacityOf }),
  ]
  if (surplus.length > 0) {
    steps.push({
      type: 'unwant',
      uids: surplus.map(({ uid }) => uid),
      reason: target.goal.total === 0 ? target.reason : 'SURPLUS',
    })
  }
  const seen = seenOf(facts, living, rolled)
  if (Object.keys(seen).length > 0) steps.unshift({ type: 'observe', seen })
  const status = statusStep(facts, living)
  if (status !== null) steps.push(status)
  const pauses = made.flatMap(({ requeueAfterMs }) => (requeueAfterMs === null ? [] : [requeueAfterMs]))
  if (rollout !== null) pauses.push(rolled?.decision.end === null ? rolloutLookMs : 0)
  return { steps, requeueAfterMs: pauses.length === 0 ? null : Math.min(...pauses) }
}

interface Sides {
  /** Of the task that the rollout goes to; without a rollout: of the target version's. */
  readonly fresh: readonly Replica[]
  readonly old: readonly Replica[]
}

function sidesOf(facts: ServiceFacts, living: readonly Replica[], goalVersion: number): Sides {
  const task = taskOf(facts, facts.rollout?.toVersion ?? goalVersion)
  return {
    fresh: living.filter(({ version }) => taskOf(facts, version) === task),
    old: living.filter(({ version }) => taskOf(facts, version) !== task),
  }
}

/** Outside of a rollout a replica of another version is a leftover: it goes once a ready one stands in for it. */
function keptOld(total: number, { fresh }: Sides): number {
  return Math.max(0, total - fresh.filter(({ status }) => status === 'READY').length)
}

function targetSteps({ service, target }: ServiceFacts): readonly ServiceStep[] {
  const steps: ServiceStep[] = []
  const isChange = target.goal.total !== service.targetReplicas
  if (target.state !== null) steps.push({ type: 'save-autoscaler', state: target.state, isChange })
  if (isChange) steps.push({ type: 'scale', fromReplicas: service.targetReplicas, target })
  return steps
}

function roll(
  facts: ServiceFacts,
  rollout: Rollout,
  sides: Sides,
): { readonly steps: readonly ServiceStep[]; readonly decision: RolloutDecision } {
  const count = (side: readonly Replica[]): { living: number; ready: number } => ({
    living: side.length,
    ready: side.filter(({ uid }) => facts.settled.has(uid)).length,
  })
  const task = taskOf(facts, rollout.toVersion)
  const streak = failureStreak(facts.replicas, (replica) => taskOf(facts, replica.version) === task)
  const decision = decideRollout({
    rollout,
    isSameTask: task === taskOf(facts, rollout.fromVersion) && sides.old.length === 0,
    wanted: facts.target.goal.spot + facts.target.goal.onDemand,
    fresh: count(sides.fresh),
    old: count(sides.old),
    // Failures of an earlier try of the same version are not this rollout's.
    neverReady: failureStreak(facts.replicas, (replica) => isOfRollout(facts, rollout, replica)).neverReady,
    lastFailure: streak.last?.statusReason ?? '',
    gate: facts.gate,
    isExclusive: facts.isExclusive,
    initialDelayMs: facts.initialDelayMs,
    watchedMs: facts.watchedMs,
  })
  const steps: ServiceStep[] = [{ type: 'roll-on', uid: rollout.uid, decision, gate: facts.gate }]
  if (decision.end !== null) steps.push({ type: 'end-rollout', uid: rollout.uid, ...decision.end })
  return { steps, decision }
}

/** A version that is new with its rollout has no replica of an earlier one; only for one that came back the wall clock is asked. */
function isOfRollout(facts: ServiceFacts, rollout: Rollout, replica: Replica): boolean {
  if (taskOf(facts, replica.version) !== taskOf(facts, rollout.toVersion)) return false
  const { toVersion, fromVersion } = rollout
  if (toVersion > fromVersion) return replica.version === toVersion
  return replica.createdAtMs >= rollout.createdAtMs
}

function create(
  facts: ServiceFacts,
  {
    living,
    plan,
    version,
  }: {
    readonly living: readonly Replica[]
    readonly plan: RolloutDecision['plan']['fresh']
    readonly version: number
  },
): { readonly steps: readonly ServiceStep[]; readonly requeueAfterMs: number | null } {
  const missing = missingOf(living, plan, facts.target.goal)
  if (missing.spot + missing.onDemand === 0) return { steps: [], requeueAfterMs: null }
  const task = taskOf(facts, version)
  const pauseMs = replacementPauseMs(
    facts.replicas,
    (replica) => taskOf(facts, replica.version) === task,
    facts.sinceLastEndMs,
  )
  if (pauseMs > 0) return { steps: [], requeueAfterMs: pauseMs }
  const launching = facts.replicas.filter(
    (replica) => isLiving(replica) && (replica.status === 'PENDING' || replica.status === 'PROVISIONING'),
  ).length
  const room = Math.max(0, maxLaunchingPerService - launching)
  const { offers, locations } = placeMissing(facts, missing, room)
  const steps: ServiceStep[] = locations.map((location) => ({ type: 'note-location', location }))
  if (offers.length > 0) steps.push({ type: 'create-replicas', version, offers })
  const isAll = offers.length === missing.spot + missing.onDemand
  return { steps, requeueAfterMs: isAll ? null : 1_000 }
}

function seenOf(
  facts: ServiceFacts,
  living: readonly Replica[],
  rolled: { readonly decision: RolloutDecision } | null,
): ServiceSeen {
  const { service, rollout, target } = facts
  const end = rolled?.decision.end ?? null
  const isGoingBack = end?.to === 'ROLLING_BACK' || rollout?.status === 'ROLLING_BACK'
  const targetVersion =
    rollout === null ? service.targetVersion : isGoingBack ? rollout.fromVersion : rollout.toVersion
  const ready = living.filter(({ status }) => status === 'READY')
  const readyVersion = Math.max(0, ...ready.map(({ version }) => version))
  const stableVersion = stableVersionOf(facts, ready, end?.to ?? null)
  const isReady = ready.length > 0
  return {
    ...(targetVersion === service.targetVersion ? {} : { targetVersion }),
    ...(readyVersion > service.latestEverReadyVersion ? { latestEverReadyVersion: readyVersion } : {}),
    ...(target.goal.total === service.targetReplicas ? {} : { targetReplicas: target.goal.total }),
    ...(stableVersion === service.stableVersion ? {} : { stableVersion }),
    ...(isReady === (service.readySinceMs !== null) ? {} : { readySinceMs: isReady ? facts.nowMs : null }),
  }
}

/** The version that an automatic rollback goes to: one whose replicas were all ready at once, never one that nobody has seen ready. */
function stableVersionOf(facts: ServiceFacts, ready: readonly Replica[], end: RolloutStatus | null): number {
  const { service, rollout, target } = facts
  const isServing = ready.length > 0 && ready.length >= target.goal.spot + target.goal.onDemand
  if (end === 'SUCCEEDED' && isServing) return rollout?.toVersion ?? service.stableVersion
  if (rollout !== null || !isServing) return service.stableVersion
  return ready.every(({ version }) => taskOf(facts, version) === taskOf(facts, service.targetVersion))
    ? service.targetVersion
    : service.stableVersion
}
