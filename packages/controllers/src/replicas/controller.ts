import { assertNever } from '@skykeep/core/errors'
import type { Replica } from '@skykeep/core/nouns'
import type { ServiceSpec } from '@skykeep/core/service-spec'
import { releaseAddress } from '@skykeep/db/address-reservations'
import type { LeaseHeld } from '@skykeep/db/guard'
import { getReplica, listReplicas, updateReplica, type ReplicaObservation } from '@skykeep/db/replicas'
import { getServiceVersion } from '@skykeep/db/service-versions'
import { getService } from '@skykeep/db/services'
import { transition } from '@skykeep/db/transition'
import type { Reconciler } from '@skykeep/engine/engine'
import type { Lease } from '@skykeep/engine/lease'
import { heldBy, providerOf, wakeService, write } from '../context.ts'
import { decideReplica, type ReplicaFacts, type ReplicaStep } from './decide.ts'
import { judgeProbes, type HealthVerdict } from './judge-probes.ts'
import { launchReplica } from './launch.ts'
import { localProcessOf, sightJob, sightProbe } from './observe.ts'
import type { ReplicaParts } from './parts.ts'
import { prepareReplica } from './prepare.ts'
import { tearDown } from './tear-down.ts'

/** A starting replica is asked often at first, so that it serves as soon as it can, then as often as its probe says. */
const eagerProbeMs = 500
const eagerForMs = 60_000
const drainPauseMs = 300
const startingStepMs = 5_000

/** Brings one replica from intent to traffic and away again. */
export function replicaReconciler(parts: ReplicaParts): Reconciler {
  const specs = new Map<string, ServiceSpec>()

  /** Versions never change, so each is read once. */
  const specOf = async ({ serviceUid, version }: Replica): Promise<ServiceSpec> => {
    const key = `${serviceUid}/${version}`
    const known = specs.get(key)
    if (known !== undefined) return known
    const { spec } = await getServiceVersion(parts.database, serviceUid, version)
    specs.set(key, spec)
    return spec
  }

  return {
    kind: 'replica',
    limit: 8,
    async reconcile(uid, lease) {
      const replica = await getReplica(parts.database, uid)
      if (replica.status === 'TERMINATED') {
        parts.memory.forget(uid)
        parts.liveness.forget(uid)
        return 'done'
      }
      const spec = await specOf(replica)
      const step = decideReplica(await observe(parts, replica, spec))
      const held = heldBy('replica', lease)
      const pauseMs = await applyStep(parts, { replica, spec, lease, held }, step)
      return pauseMs === null ? 'done' : { requeueAfterMs: pauseMs }
    },
  }
}

async function observe(parts: ReplicaParts, replica: Replica, spec: ServiceSpec): Promise<ReplicaFacts> {
  const { status } = replica
  const probe = spec.service.readinessProbe
  const isLaunched = status !== 'PENDING' && status !== 'PROVISIONING' && status !== 'SHUTTING_DOWN'
  const job = isLaunched ? await sightJob(parts, replica) : ({ state: 'unknown', reason: '' } as const)
  const isProbed = (status === 'STARTING' || status === 'READY' || status === 'NOT_READY') && replica.isWanted
  const isDue = isProbed && job.state === 'running' && isProbeDue(parts, replica, spec)
  const sighting = isDue ? await sightProbe(parts, replica, probe) : ({ state: 'not-due' } as const)
  // Time counts from probe to probe; while starting, from look to look, but not while setup runs or nobody can tell.
  const isCounted = isDue || (status === 'STARTING' && job.state === 'running')
  const watchedMs = isCounted ? watchedSince(parts, replica, spec) : 0
  if (isDue) parts.memory.of(replica.uid).probedAtMs = parts.clock.monotonicMs()
  const isDoubtful = sighting.state === 'failed' && status !== 'STARTING'
  const health = isDoubtful ? await healthOf(parts, replica) : { isProberAccused: false, mayReplace: true }
  return { replica, probe, job, sighting, drain: drainOf(parts, replica), health, watchedMs }
}

function watchedSince(parts: ReplicaParts, replica: Replica, spec: ServiceSpec): number {
  const expectedMs = probePauseMs(replica, spec) + spec.service.readinessProbe.timeoutSeconds * 1_000
  const watchedMs = parts.memory.watched(replica.uid, expectedMs)
  if (replica.status !== 'STARTING') return watchedMs
  const memory = parts.memory.of(replica.uid)
  memory.unwrittenMs += watchedMs
  return memory.unwrittenMs
}

function isProbeDue(parts: ReplicaParts, replica: Replica, spec: ServiceSpec): boolean {
  const { probedAtMs } = parts.memory.of(replica.uid)
  if (probedAtMs === null) return true
  return parts.clock.monotonicMs() - probedAtMs >= probePauseMs(replica, spec) * 0.9
}

function probePauseMs(replica: Replica, spec: ServiceSpec): number {
  const intervalMs = spec.service.readinessProbe.intervalSeconds * 1_000
  const isEager = replica.status === 'STARTING' && replica.startingMs < eagerForMs
  return isEager ? Math.min(eagerProbeMs, intervalMs) : intervalMs
}

async function healthOf(parts: ReplicaParts, replica: Replica): Promise<HealthVerdict> {
  const { serviceUid } = replica
  const service = await getService(parts.database, serviceUid)
  const { items } = await listReplicas(parts.database, { serviceUid, limit: 500 })
  return judgeProbes(replica, {
    replicas: items,
    desiredReplicas: service.desiredReplicas,
    gatewaySuccesses: parts.routes.recentSuccesses(serviceUid),
  })
}

function drainOf(parts: ReplicaParts, replica: Replica): ReplicaFacts['drain'] {
  if (replica.status !== 'DRAINING') return { isUnrouted: false, inFlight: 0, elapsedMs: 0 }
  const memory = parts.memory.of(replica.uid)
  const nowMs = parts.clock.monotonicMs()
  memory.drainingSinceMs ??= nowMs
  return {
    isUnrouted: parts.routes.isReplicaUnrouted(replica.uid),
    inFlight: parts.routes.inFlightTo(replica.uid),
    elapsedMs: nowMs - memory.drainingSinceMs,
  }
}

interface Run {
  readonly replica: Replica
  readonly spec: ServiceSpec
  readonly lease: Lease
  readonly held: LeaseHeld
}

/** @returns milliseconds until the next look, null for none. */
async function applyStep(parts: ReplicaParts, run: Run, step: ReplicaStep): Promise<number | null> {
  const { replica, spec, lease, held } = run
  switch (step.type) {
    case 'prepare':
      await prepareReplica(parts, replica, { spec, lease: held })
      return 0
    case 'launch':
      return launchReplica(parts, replica, { spec, lease, held })
    case 'tear-down':
      parts.liveness.forget(replica.uid)
      return tearDown(parts, replica, { lease, held })
    case 'count':
      await applyCount(parts, run, step)
      watchLiveness(parts, replica)
      return pauseAfter(parts, run)
    case 'move':
      await applyMove(parts, run, step)
      return 0
    case 'wait':
      watchLiveness(parts, replica)
      return pauseAfter(parts, run)
    default:
      return assertNever(step)
  }
}

async function applyCount(
  parts: ReplicaParts,
  { replica, held }: Run,
  { counters, reason }: Extract<ReplicaStep, { type: 'count' }>,
): Promise<void> {
  const isNews = reason !== replica.statusReason || counters.probeFailures !== replica.probeFailures
  const startedMs = Math.abs(counters.startingMs - replica.startingMs)
  // A starting replica is looked at twice a second: its clock alone is not worth a write each time.
  if (!isNews && counters.probeFailureMs === replica.probeFailureMs && startedMs < startingStepMs) return
  await write(parts, async (tx) => {
    await updateReplica(tx, replica.uid, { ...counters, statusReason: reason }, { lease: held })
    if (reason !== replica.statusReason) await wakeService(tx, replica.serviceUid)
  })
  parts.memory.of(replica.uid).unwrittenMs = 0
}

function pauseAfter(parts: ReplicaParts, { replica, spec }: Run): number {
  if (replica.status === 'DRAINING') return drainPauseMs
  const pauseMs = probePauseMs(replica, spec)
  const { probedAtMs } = parts.memory.of(replica.uid)
  if (probedAtMs === null) return pauseMs
  // A wake-up in between must not put off the next probe.
  return Math.max(50, probedAtMs + pauseMs - parts.clock.monotonicMs())
}

function watchLiveness(parts: ReplicaParts, replica: Replica): void {
  const process = localProcessOf(providerOf(parts, replica.infra), replica)
  if (process !== null) parts.liveness.watch(replica.uid, process)
}

async function applyMove(
  parts: ReplicaParts,
  { replica, held }: Run,
  step: Extract<ReplicaStep, { type: 'move' }>,
): Promise<void> {
  const { to, reason, message, outcome, exitCode, counters } = step
  const now = parts.clock.now()
  const seen: ReplicaObservation = {
    ...counters,
    ...(outcome === null ? {} : { outcome }),
    ...(exitCode === null ? {} : { exitCode }),
    ...(to === 'READY' && replica.firstReadyAtMs === null ? { firstReadyAtMs: now } : {}),
    ...(to === 'DRAINING' ? { drainStartedAtMs: now } : {}),
  }
  await write(parts, async (tx) => {
    await updateReplica(tx, replica.uid, seen, { lease: held })
    await transition(tx, { kind: 'replica', uid: replica.uid, to, reason, message, lease: held })
    if (to === 'TERMINATED') await releaseAddress(tx, replica.uid, 0)
    await wakeService(tx, replica.serviceUid)
  })
  parts.routes.wake()
  if (to === 'READY') watchLiveness(parts, replica)
}
