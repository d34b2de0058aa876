import type { Replica, Service } from '@skykeep/core/nouns'
import { livingReplicaStatuses, type ReplicaStatus, type ServiceStatus } from '@skykeep/core/statuses'

/** All that the decision reads. Replicas are those of this service that are not TERMINATED, plus the latest ended ones. */
export interface ServiceFacts {
  readonly service: Service
  readonly replicas: readonly Replica[]
  /** Milliseconds of the monotonic clock since this process first saw the newest ended replica; null when none ended. */
  readonly sinceLastEndMs: number | null
  /** True when every live gateway acked a table that no longer names the service. */
  readonly isUnrouted: boolean
  readonly isEndpointReleased: boolean
}

export type ServiceStep =
  | { readonly type: 'set-target'; readonly version: number }
  | { readonly type: 'create-replicas'; readonly count: number; readonly version: number }
  | { readonly type: 'unwant'; readonly uids: readonly string[]; readonly reason: string }
  | { readonly type: 'note-ready-version'; readonly version: number }
  | { readonly type: 'release-endpoint' }
  | {
      readonly type: 'set-status'
      readonly to: ServiceStatus
      readonly reason: string
      readonly message: string
    }

export interface ServiceDecision {
  readonly steps: readonly ServiceStep[]
  /** Look again after this; null: only when something changes. */
  readonly requeueAfterMs: number | null
}

/** Launches of one service under way at once: bounds a relaunch after a reboot (invariant 19). */
export const maxLaunchingPerService = 8
/** Never-ready failures in a row that make the status FAILED; retrying goes on, slower and slower. */
export const failuresUntilFailed = 3
/** Longest pause between two tries to replace what fails, milliseconds. */
export const replacementCapMs = 300_000
const replacementFirstMs = 1_000
/** A replica that was ready for less than this before it ended counts as part of a crash loop. */
const shortReadyMs = 60_000

/** SkyServe's order (`autoscalers.py` `select_nonterminal_replicas_to_scale_down`): the least useful first. */
const removalOrder: readonly ReplicaStatus[] = ['PENDING', 'PROVISIONING', 'STARTING', 'NOT_READY', 'READY']

export function isLiving(replica: Replica): boolean {
  return replica.isWanted && livingReplicaStatuses.some((status) => status === replica.status)
}

/**
 * What brings one service closer to what is wanted. Pure.
 * Nothing but a desired state removes a replica: while `desiredReplicas` is not below the living ones of the target version,
 * no READY replica of it is ever unwanted.
 */
export function decideService(facts: ServiceFacts): ServiceDecision {
  return facts.service.deletionRequestedAtMs === null ? decideLiving(facts) : decideDeletion(facts)
}

function decideLiving(facts: ServiceFacts): ServiceDecision {
  const { service, replicas } = facts
  const steps: ServiceStep[] = []
  const version = service.desiredVersion
  if (service.targetVersion !== version) steps.push({ type: 'set-target', version })

  const living = replicas.filter(isLiving)
  const current = living.filter((replica) => replica.version === version)
  const readyVersion = Math.max(0, ...living.filter(isReady).map((replica) => replica.version))
  if (readyVersion > service.latestEverReadyVersion) {
    steps.push({ type: 'note-ready-version', version: readyVersion })
  }

  const missing = service.desiredReplicas - current.length
  const pauseMs = missing > 0 ? replacementPauseMs(facts, version) : 0
  const launching = living.filter(({ status }) => status === 'PENDING' || status === 'PROVISIONING').length
  const room = Math.max(0, maxLaunchingPerService - launching)
  if (missing > 0 && pauseMs === 0 && room > 0) {
    steps.push({ type: 'create-replicas', count: Math.min(missing, room), version })
  }
  const surplus = pickSurplus(living, version, service.desiredReplicas)
  if (surplus.length > 0) {
    steps.push({ type: 'unwant', uids: surplus.map(({ uid }) => uid), reason: 'SURPLUS' })
  }
  const status = statusStep(facts, living)
  if (status !== null) steps.push(status)
  return { steps, requeueAfterMs: missing > 0 ? Math.max(pauseMs, room === 0 ? 1_000 : 0) || null : null }
}

/** Surplus of the target version, and each older replica that a ready one of the target version stands in for. */
function pickSurplus(living: readonly Replica[], version: number, desired: number): readonly Replica[] {
  const current = living.filter((replica) => replica.version === version)
  const old = living.filter((replica) => replica.version !== version)
  const oldKept = Math.max(0, desired - current.filter(isReady).length)
  return [
    ...inRemovalOrder(old).slice(0, Math.max(0, old.length - oldKept)),
    ...inRemovalOrder(current).slice(0, Math.max(0, current.length - desired)),
  ]
}

function inRemovalOrder(replicas: readonly Replica[]): readonly Replica[] {
  return replicas.toSorted(
    (a, b) =>
      removalOrder.indexOf(a.status) - removalOrder.indexOf(b.status) ||
      a.version - b.version ||
      b.replicaId - a.replicaId,
  )
}

function statusStep(facts: ServiceFacts, living: readonly Replica[]): ServiceStep | null {
  const { service } = facts
  const [to, reason, message] = statusOf(facts, living)
  if (service.status === to) return null
  // A row that came back to life for any reason never leaves READY for the first start.
  if (to === 'REPLICA_INIT' && service.status === 'READY') return null
  return { type: 'set-status', to, reason, message }
}

function statusOf(facts: ServiceFacts, living: readonly Replica[]): readonly [ServiceStatus, string, string] {
  const { service } = facts
  const ready = living.filter(isReady).length
  if (ready > 0) return ['READY', 'REPLICA_READY', `${ready} of ${service.desiredReplicas} replicas ready`]
  const streak = failureStreak(facts.replicas, service.desiredVersion)
  if (streak.neverReady >= failuresUntilFailed) {
    const last = streak.last === undefined ? '' : `: ${streak.last.statusReason}`
    return ['FAILED', 'REPLICAS_FAILED', `the last ${streak.neverReady} replicas never became ready${last}`]
  }
  if (service.desiredReplicas === 0) return ['NO_REPLICA', 'SCALED_TO_ZERO', 'no replica is wanted']
  if (service.latestEverReadyVersion > 0) return ['NO_REPLICA', 'NONE_READY', 'no replica is ready']
  return ['REPLICA_INIT', 'REPLICAS_STARTING', 'replicas are starting']
}

function isReady(replica: Replica): boolean {
  return replica.status === 'READY'
}

interface FailureStreak {
  /** Newest ended replicas in a row that never were ready. */
  readonly neverReady: number
  /** The same, with those that ended soon after they were ready. */
  readonly short: number
  readonly last: Replica | undefined
}

/** Counts back from the newest replica that failed. What the host or a person ended (LOST, PREEMPTED, REMOVED) is not charged. */
export function failureStreak(replicas: readonly Replica[], version: number): FailureStreak {
  const ended = replicas
    .filter((replica) => replica.version === version && (isFailure(replica) || wasReadyLong(replica)))
    .toSorted((a, b) => b.replicaId - a.replicaId)
  let neverReady = 0
  let short = 0
  for (const replica of ended) {
    if (!isFailure(replica) || wasReadyLong(replica)) break
    if (replica.firstReadyAtMs === null && neverReady === short) neverReady += 1
    short += 1
  }
  return { neverReady, short, last: ended.find(isFailure) }
}

function isFailure({ outcome }: Replica): boolean {
  return outcome !== null && outcome !== 'REMOVED' && outcome !== 'LOST' && outcome !== 'PREEMPTED'
}

function wasReadyLong(replica: Replica): boolean {
  if (replica.firstReadyAtMs === null) return false
  if (replica.status === 'READY') return true
  return Math.abs(replica.statusChangedAtMs - replica.firstReadyAtMs) >= shortReadyMs
}

/** 0: replace now. What was ready is replaced at once, unless it keeps dying soon after. */
function replacementPauseMs(facts: ServiceFacts, version: number): number {
  const streak = failureStreak(facts.replicas, version)
  const charged = streak.last?.firstReadyAtMs === null ? streak.short : streak.short - 1
  if (charged <= 0 || facts.sinceLastEndMs === null) return 0
  const pauseMs = Math.min(replacementFirstMs * 2 ** Math.min(charged - 1, 20), replacementCapMs)
  return Math.max(0, pauseMs - facts.sinceLastEndMs)
}

function decideDeletion(facts: ServiceFacts): ServiceDecision {
  const { service, replicas } = facts
  if (service.status === 'TERMINATED') return { steps: [], requeueAfterMs: null }
  const steps: ServiceStep[] = []
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
