import type { Replica } from '@skykeep/core/nouns'
import type { ReadinessProbe } from '@skykeep/core/service-spec'
import type { ReplicaOutcome, ReplicaStatus } from '@skykeep/core/statuses'
import { assertNever } from '@skykeep/core/errors'
import type { HealthVerdict } from './judge-probes.ts'

/** What was seen of the replica's job. `unknown`: it could not be asked; nothing is concluded from it. */
export type JobSighting =
  | { readonly state: 'unknown'; readonly reason: string }
  /** Its node is there, and knows nothing of it. */
  | { readonly state: 'absent' }
  | { readonly state: 'setting-up' | 'running' }
  /** It runs, and its infra said that it will take the node back. */
  | { readonly state: 'noticed'; readonly reason: string }
  /** The infra has no such node any more, although nobody here deleted it. */
  | { readonly state: 'node-gone' }
  | {
      readonly state: 'ended'
      readonly isSetup: boolean
      readonly exitCode: number | null
      readonly lastLine: string
    }
  | { readonly state: 'rebooted' }
  | { readonly state: 'preempted'; readonly reason: string }

export type ProbeSighting =
  | { readonly state: 'not-due' }
  | { readonly state: 'passed' }
  | { readonly state: 'failed'; readonly reason: string }

export interface DrainSighting {
  /** Every live gateway applied a table that sends it nothing new. */
  readonly isUnrouted: boolean
  /** Requests in flight to it, over all live gateways. */
  readonly inFlight: number
  /** Observed milliseconds since draining began. */
  readonly elapsedMs: number
}

export interface ReplicaFacts {
  readonly replica: Replica
  readonly probe: ReadinessProbe
  readonly job: JobSighting
  readonly sighting: ProbeSighting
  readonly drain: DrainSighting
  readonly health: HealthVerdict
  /** Milliseconds that this process watched the replica since the last look: never time in which nobody looked (invariant 5). */
  readonly watchedMs: number
}

export interface ProbeCounters {
  readonly probeFailures: number
  readonly probeFailureMs: number
  readonly startingMs: number
}

export type ReplicaStep =
  /** Write the intent: attempt, node, job, address; then PROVISIONING. */
  | { readonly type: 'prepare' }
  /** Create the node and start the job, both idempotent; then STARTING. */
  | { readonly type: 'launch' }
  | { readonly type: 'count'; readonly counters: ProbeCounters; readonly reason: string }
  | {
      readonly type: 'move'
      readonly to: ReplicaStatus
      readonly outcome: ReplicaOutcome | null
      readonly reason: string
      readonly message: string
      readonly exitCode: number | null
      readonly counters: ProbeCounters
    }
  /** Stop the job, keep its log, delete the node until it is not found; then TERMINATED. */
  | { readonly type: 'tear-down' }
  | { readonly type: 'wait' }

/** Longest that a draining replica may finish what it has in flight (SkyServe `_DEFAULT_DRAIN_SECONDS`). */
export const drainBoundMs = 120_000
/** The same for one whose probes failed for the whole threshold: it answers nobody, and holds up whom it has. */
export const failedDrainBoundMs = 10_000

const noCounters: ProbeCounters = { probeFailures: 0, probeFailureMs: 0, startingMs: 0 }

/** The next step of one replica. Pure: only what is wanted and what was surely seen ends a replica, never an error. */
export function decideReplica(facts: ReplicaFacts): ReplicaStep {
  const { replica } = facts
  switch (replica.status) {
    case 'PENDING':
      return replica.isWanted
        ? { type: 'prepare' }
        : move(facts, 'TERMINATED', 'REMOVED', ...unwanted(replica))
    case 'PROVISIONING':
      return replica.isWanted
        ? { type: 'launch' }
        : move(facts, 'SHUTTING_DOWN', 'REMOVED', ...unwanted(replica))
    case 'STARTING':
      return decideStarting(facts)
    case 'READY':
    case 'NOT_READY':
      return decideServing(facts)
    case 'DRAINING':
      return decideDraining(facts)
    case 'SHUTTING_DOWN':
      return { type: 'tear-down' }
    case 'TERMINATED':
      return { type: 'wait' }
    default:
      return assertNever(replica.status)
  }
}

function unwanted(replica: Replica): readonly [string, string] {
  return [replica.unwantedReason || 'NOT_WANTED', 'no longer wanted']
}

function decideStarting(facts: ReplicaFacts): ReplicaStep {
  const { replica, probe, sighting } = facts
  if (!replica.isWanted) return move(facts, 'SHUTTING_DOWN', 'REMOVED', ...unwanted(replica))
  const ended = endOf(facts)
  if (ended !== null) return ended
  if (sighting.state === 'passed')
    return move(facts, 'READY', null, 'PROBE_PASSED', 'answers its readiness probe')
  if (facts.job.state !== 'running') return count(facts, countersOf(replica), waitingFor(facts))
  const startingMs = replica.startingMs + facts.watchedMs
  const counters = { ...countersOf(replica), startingMs }
  if (startingMs <= probe.initialDelaySeconds * 1_000) return count(facts, counters, waitingFor(facts))
  const message = `not ready within ${probe.initialDelaySeconds} s of its start: ${waitingFor(facts)}`
  return { ...move(facts, 'SHUTTING_DOWN', 'FAILED_INITIAL_DELAY', 'INITIAL_DELAY', message), counters }
}

function decideServing(facts: ReplicaFacts): ReplicaStep {
  const { replica, sighting, health } = facts
  const ended = endOf(facts)
  if (ended !== null) return ended
  if (!replica.isWanted) return move(facts, 'DRAINING', 'REMOVED', ...unwanted(replica))
  if (sighting.state === 'not-due') return { type: 'wait' }
  if (sighting.state === 'passed') {
    if (replica.status === 'NOT_READY')
      return move(facts, 'READY', null, 'PROBE_PASSED', 'answers its probe again')
    const isExcused = replica.statusReason.startsWith('probe failed')
    return count(
      facts,
      { ...noCounters, startingMs: replica.startingMs },
      isExcused ? '' : replica.statusReason,
    )
  }
  if (health.isProberAccused) {
    return count(
      facts,
      countersOf(replica),
      `probe failed, yet the gateway sees successes: ${sighting.reason}`,
    )
  }
  const counters = {
    ...countersOf(replica),
    probeFailures: replica.probeFailures + 1,
    probeFailureMs: replica.probeFailures === 0 ? 0 : replica.probeFailureMs + facts.watchedMs,
  }
  if (replica.status === 'READY') {
    return { ...move(facts, 'NOT_READY', null, 'PROBE_FAILED', `probe failed: ${sighting.reason}`), counters }
  }
  if (counters.probeFailureMs < facts.probe.failureThresholdSeconds * 1_000 || !health.mayReplace) {
    return count(facts, counters, `probe failed ${counters.probeFailures} times: ${sighting.reason}`)
  }
  const seconds = Math.round(counters.probeFailureMs / 1_000)
  const message = `its probe failed for ${seconds} s: ${sighting.reason}`
  return { ...move(facts, 'DRAINING', 'FAILED_PROBING', 'PROBE_THRESHOLD', message), counters }
}

function decideDraining(facts: ReplicaFacts): ReplicaStep {
  const { drain, replica, job } = facts
  const { outcome } = replica
  if (!mayStillRun(job)) {
    return move(facts, 'SHUTTING_DOWN', outcome, 'JOB_ENDED', 'its process ended while it drained')
  }
  if (drain.isUnrouted && drain.inFlight === 0) {
    return move(facts, 'SHUTTING_DOWN', outcome, 'DRAINED', 'nothing is in flight to it any more')
  }
  const boundMs = outcome === 'FAILED_PROBING' ? failedDrainBoundMs : drainBoundMs
  if (drain.elapsedMs >= boundMs) {
    const message = `${drain.inFlight} requests still in flight after ${boundMs / 1_000} s`
    return move(facts, 'SHUTTING_DOWN', outcome, 'DRAIN_BOUND', message)
  }
  return { type: 'wait' }
}

/** The job's end, where it was surely seen. A host that rebooted is not charged to the service (invariant 19). */
function endOf(facts: ReplicaFacts): ReplicaStep | null {
  const { job, replica } = facts
  switch (job.state) {
    case 'unknown':
    case 'setting-up':
    case 'running':
      return null
    case 'noticed':
      return noticed(facts, job.reason)
    case 'node-gone':
      return replica.isSpot
        ? move(facts, 'SHUTTING_DOWN', 'PREEMPTED', 'NODE_GONE', 'its infra took the node back')
        : move(facts, 'SHUTTING_DOWN', 'LOST', 'NODE_GONE', 'its node is gone')
    case 'rebooted':
      return move(facts, 'SHUTTING_DOWN', 'LOST', 'HOST_REBOOTED', 'its host restarted')
    case 'preempted':
      return move(
        facts,
        'SHUTTING_DOWN',
        'PREEMPTED',
        'PREEMPTED',
        job.reason || 'its infra took the node back',
      )
    case 'absent':
      return move(facts, 'SHUTTING_DOWN', 'FAILED', 'JOB_GONE', 'its process is gone')
    case 'ended': {
      const what = job.isSetup ? 'setup' : 'run'
      const how = job.exitCode === null ? 'was killed' : `exited with ${job.exitCode}`
      const message = `${what} ${how}${job.lastLine === '' ? '' : `; its last line: ${job.lastLine}`}`
      const outcome = job.isSetup ? 'FAILED_SETUP' : 'FAILED'
      return { ...move(facts, 'SHUTTING_DOWN', outcome, 'JOB_ENDED', message), exitCode: job.exitCode }
    }
    default:
      return assertNever(job)
  }
}

/** What time is left is for what it has in flight; one that is no longer wanted drains as any other does. */
function noticed(facts: ReplicaFacts, reason: string): ReplicaStep | null {
  const { status, isWanted } = facts.replica
  if (!isWanted) return null
  const message = reason === '' ? 'its infra is about to take the node back' : `notice: ${reason}`
  const to = status === 'STARTING' ? 'SHUTTING_DOWN' : 'DRAINING'
  return move(facts, to, 'PREEMPTED', 'INTERRUPTION_NOTICE', message)
}

function mayStillRun({ state }: JobSighting): boolean {
  return state === 'unknown' || state === 'setting-up' || state === 'running' || state === 'noticed'
}

function waitingFor({ job, sighting, replica }: ReplicaFacts): string {
  if (job.state === 'unknown') return job.reason
  if (job.state === 'setting-up') return 'setup is running'
  return sighting.state === 'failed' ? sighting.reason : replica.statusReason
}

function countersOf({ probeFailures, probeFailureMs, startingMs }: Replica): ProbeCounters {
  return { probeFailures, probeFailureMs, startingMs }
}

function count(facts: ReplicaFacts, counters: ProbeCounters, reason: string): ReplicaStep {
  const { replica } = facts
  const isSame =
    counters.probeFailures === replica.probeFailures &&
    counters.probeFailureMs === replica.probeFailureMs &&
    counters.startingMs === replica.startingMs &&
    reason === replica.statusReason
  return isSame ? { type: 'wait' } : { type: 'count', counters, reason }
}

type Move = Extract<ReplicaStep, { type: 'move' }>

function move(
  facts: ReplicaFacts,
  to: ReplicaStatus,
  outcome: ReplicaOutcome | null,
  ...[reason, message]: readonly [string, string]
): Move {
  const counters =
    to === 'READY' ? { ...noCounters, startingMs: facts.replica.startingMs } : countersOf(facts.replica)
  return { type: 'move', to, outcome, reason, message, exitCode: null, counters }
}
