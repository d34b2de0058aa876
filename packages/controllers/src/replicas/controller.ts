import { assertNever } from '@skykeep/core/errors'
import type { Replica, Service } from '@skykeep/core/nouns'
import type { ReadinessProbe } from '@skykeep/core/service-spec'
import { releaseAddress } from '@skykeep/db/address-reservations'
import type { LeaseHeld } from '@skykeep/db/guard'
import { getReplica, listReplicas, updateReplica, type ReplicaObservation } from '@skykeep/db/replicas'
import { getService } from '@skykeep/db/services'
import { transition } from '@skykeep/db/transition'
import type { Reconciler } from '@skykeep/engine/engine'
import type { Lease } from '@skykeep/engine/lease'
import { heldBy, providerOf, wakeService, write } from '../context.ts'
import { VersionCache } from '../services/versions.ts'
import { decideReplica, type ReplicaFacts, type ReplicaStep } from './decide.ts'
import { judgeProbes, type HealthVerdict } from './judge-probes.ts'
import { launchReplica, tryLaunch, type LaunchIntent } from './launch.ts'
import { servedPortOf, settingsOf, type ReplicaSettings } from './live-settings.ts'
import { localProcessOf, sightJob, sightProbe } from './observe.ts'
import type { ReplicaParts } from './parts.ts'
import { prepareReplica } from './prepare.ts'
import { tearDown } from './tear-down.ts'

/** A starting replica is asked often at first, so that it serves as soon as it can, then as often as its probe says. */
const eagerProbeMs = 500
const eagerForMs = 60_000
const drainPauseMs = 300
const startingStepMs = 5_000
const latePauseMs = 2_000

/** Brings one replica from intent to traffic and away again. */
export function replicaReconciler(parts: ReplicaParts): Reconciler {
  const versions = new VersionCache(parts.database)

  const forget = ({ uid, serviceUid }: Replica): void => {
    parts.memory.forget(uid)
    parts.liveness.forget(uid)
    // Its versions may be those of others: they read them anew.
    versions.forget(serviceUid)
  }

  return {
    kind: 'replica',
    limit: 8,
    async reconcile(uid, lease) {
      const replica = await getReplica(parts.database, uid)
      parts.openOperations?.noteService(replica.serviceUid, replica.serviceName)
      if (replica.status === 'TERMINATED') {
        forget(replica)
        return 'done'
      }
      const held = heldBy('replica', lease)
      const pauseMs =
        replica.status === 'SHUTTING_DOWN'
          ? await endReplica(parts, { replica, lease, held })
          : await advance(parts, versions, { replica, lease, held })
      if (pauseMs !== null) return { requeueAfterMs: pauseMs }
      forget(replica)
      return 'done'
    },
  }
}

interface Held {
  readonly replica: Replica
  readonly lease: Lease
  readonly held: LeaseHeld
}

/** Needs nothing of its version: whatever a row says, it comes to its end. */
async function endReplica(parts: ReplicaParts, { replica, lease, held }: Held): Promise<number | null> {
  parts.liveness.forget(replica.uid)
  return tearDown(parts, replica, { lease, held })
}

async function advance(parts: ReplicaParts, versions: VersionCache, held: Held): Promise<number | null> {
  const { replica } = held
  const service = await getService(parts.database, replica.serviceUid)
  const settings = await settingsOf(versions, replica, service)
  const run: Run = { ...held, service, settings, port: servedPortOf(replica, settings) }
  const facts = await observe(parts, run)
  if (facts.sighting.state === 'passed' && run.port !== replica.port) await movePort(parts, run)
  return applyStep(parts, run, decideReplica(facts))
}

interface Run extends Held {
  readonly service: Service
  readonly settings: ReplicaSettings
  /** Where it is to be reached. */
  readonly port: number | null
}

async function observe(parts: ReplicaParts, run: Run): Promise<ReplicaFacts> {
  const { replica, port } = run
  const { status } = replica
  const probe = run.settings.serving.readinessProbe
  const isLaunched = status !== 'PENDING' && status !== 'PROVISIONING'
  const job = isLaunched ? await sightJob(parts, replica) : ({ state: 'unknown', reason: '' } as const)
  const isProbed = (status === 'STARTING' || status === 'READY' || status === 'NOT_READY') && replica.isWanted
  const isDue = isProbed && job.state === 'running' && isProbeDue(parts, replica, probe)
  const sighting = isDue ? await sightProbe(parts, replica, { probe, port }) : ({ state: 'not-due' } as const)
  // Time counts from probe to probe; while starting, from look to look, but not while setup runs or nobody can tell.
  const isCounted = isDue || (status === 'STARTING' && job.state === 'running')
  const watchedMs = isCounted ? watchedSince(parts, replica, probe) : 0
  if (isDue) parts.memory.of(replica.uid).probedAtMs = parts.clock.monotonicMs()
  const isDoubtful = sighting.state === 'failed' && status !== 'STARTING'
  const health = isDoubtful ? await healthOf(parts, run) : { isProberAccused: false, mayReplace: true }
  return { replica, probe, job, sighting, drain: drainOf(parts, replica), health, watchedMs }
}

/** It answers on the port that the service serves now: from here on requests go there. All its ports stay reserved for it. */
async function movePort(parts: ReplicaParts, { replica, port, held }: Run): Promise<void> {
  await write(parts, async (tx) => {
    await updateReplica(tx, replica.uid, { port }, { lease: held })
    await wakeService(tx, replica.serviceUid)
  })
  parts.routes.wake()
}

function watchedSince(parts: ReplicaParts, replica: Replica, probe: ReadinessProbe): number {
  const expectedMs = probePauseMs(replica, probe) + probe.timeoutSeconds * 1_000
  const watchedMs = parts.memory.watched(replica.uid, expectedMs)
  if (replica.status !== 'STARTING') return watchedMs
  const memory = parts.memory.of(replica.uid)
  memory.unwrittenMs += watchedMs
  return memory.unwrittenMs
}

function isProbeDue(parts: ReplicaParts, replica: Replica, probe: ReadinessProbe): boolean {
  const { probedAtMs } = parts.memory.of(replica.uid)
  if (probedAtMs === null) return true
  return parts.clock.monotonicMs() - probedAtMs >= probePauseMs(replica, probe) * 0.9
}

function probePauseMs(replica: Replica, { intervalSeconds }: ReadinessProbe): number {
  const intervalMs = intervalSeconds * 1_000
  const isEager = replica.status === 'STARTING' && replica.startingMs < eagerForMs
  return isEager ? Math.min(eagerProbeMs, intervalMs) : intervalMs
}

async function healthOf(parts: ReplicaParts, { replica, service }: Run): Promise<HealthVerdict> {
  const { serviceUid } = replica
  const { items } = await listReplicas(parts.database, { serviceUid, limit: 500 })
  return judgeProbes(replica, {
    replicas: items,
    desiredReplicas: service.targetReplicas,
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

/** @returns milliseconds until the next look, null for none. */
async function applyStep(parts: ReplicaParts, run: Run, step: ReplicaStep): Promise<number | null> {
  const { replica, settings, lease, held } = run
  const intent: LaunchIntent = { settings, lease, held }
  switch (step.type) {
    case 'prepare': {
      const prepare = async (): Promise<number> => {
        await prepareReplica(parts, replica, { settings, lease: held })
        return 0
      }
      return tryLaunch(parts, replica, { intent, step: prepare })
    }
    case 'launch':
      return tryLaunch(parts, replica, { intent, step: () => launchReplica(parts, replica, intent) })
    case 'tear-down':
      return endReplica(parts, run)
    case 'count':
      await applyCount(parts, run, step)
      watchLiveness(parts, replica)
      return pauseAfter(parts, run)
    case 'move':
      await applyMove(parts, run, step)
      return step.to === 'TERMINATED' ? null : 0
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

function pauseAfter(parts: ReplicaParts, { replica, settings }: Run): number {
  if (replica.status === 'DRAINING') return drainPauseMs
  const pauseMs = probePauseMs(replica, settings.serving.readinessProbe)
  const { probedAtMs } = parts.memory.of(replica.uid)
  if (probedAtMs === null) return pauseMs
  // A wake-up in between must not put off the next probe; one that is late because nobody can tell how the job is waits a little.
  const leftMs = probedAtMs + pauseMs - parts.clock.monotonicMs()
  return leftMs > 0 ? Math.max(50, leftMs) : Math.min(pauseMs, latePauseMs)
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
