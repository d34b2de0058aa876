import type { Replica } from '@skykeep/core/nouns'
import type { ServiceSpec } from '@skykeep/core/service-spec'
import { appendEvent } from '@skykeep/db/events'
import type { LeaseHeld } from '@skykeep/db/guard'
import { getInstallation } from '@skykeep/db/installation'
import { updateReplica } from '@skykeep/db/replicas'
import { transition } from '@skykeep/db/transition'
import type { Lease } from '@skykeep/engine/lease'
import { contractEnv } from '@skykeep/node-runtime/contract-env'
import type { JobDescription, JobRequest } from '@skykeep/node-runtime/job'
import { ProviderError } from '@skykeep/provider-contract/errors'
import { tokenOf, type NodeDescription, type Offer, type Provider } from '@skykeep/provider-contract/provider'
import { providerOf, wakeService, write } from '../context.ts'
import { chooseOffer } from './choose-offer.ts'
import { judgeLaunchFailure } from './launch-failure.ts'
import type { ReplicaSettings } from './live-settings.ts'
import { resourcesOf, toReplicaOffer } from './offers.ts'
import { noCapacityPrefix } from './outcomes.ts'
import type { ReplicaParts } from './parts.ts'
import { attemptOf } from './prepare.ts'

const bootingPauseMs = 500
/** A node that does not run after this much watching never will (SkyPilot waits 10 minutes for SSH). */
const bootBoundMs = 900_000

export interface LaunchIntent {
  readonly settings: ReplicaSettings
  readonly lease: Lease
  readonly held: LeaseHeld
}

/**
 * Takes one step of a launch. What the infra has no room for, or refuses for good, ends the replica; every other error changes nothing but
 * the reason that is shown. @returns milliseconds until the next look.
 */
export async function tryLaunch(
  parts: ReplicaParts,
  replica: Replica,
  { intent, step }: { readonly intent: LaunchIntent; readonly step: () => Promise<number> },
): Promise<number> {
  try {
    return await step()
  } catch (error) {
    const verdict = judgeLaunchFailure(error)
    if (verdict.type === 'end') {
      const { reason, message } = verdict
      return end(parts, replica, { intent, outcome: 'FAILED_PROVISION', reason, message })
    }
    const { message, afterMs } = verdict
    if (message !== null && message !== replica.statusReason) {
      await write(parts, (tx) =>
        updateReplica(tx, replica.uid, { statusReason: message }, { lease: intent.held }),
      )
    }
    if (afterMs !== null) return afterMs
    throw error
  }
}

/** Creates the node of the intent and starts its job; both find what an earlier try made. @returns milliseconds until the next look. */
export async function launchReplica(
  parts: ReplicaParts,
  replica: Replica,
  intent: LaunchIntent,
): Promise<number> {
  const provider = providerOf(parts, replica.infra)
  const node = await createNode(parts, provider, replica, intent)
  if (replica.nodeId !== node.nodeId) {
    const seen = { nodeId: node.nodeId, bootId: node.bootId }
    await write(parts, (tx) => updateReplica(tx, replica.uid, seen, { lease: intent.held }))
  }
  if (node.state === 'PREEMPTED') return preempted(parts, replica, intent)
  if (node.state !== 'RUNNING') return booting(parts, replica, intent)
  const runner = await provider.runner(node.nodeId)
  const request = await jobRequestOf(parts, replica, { spec: intent.settings.spec, node, host: runner.host })
  intent.lease.guard(parts.effectDeadlineMs)
  const job = await parts.runtime.startJob(runner, request)
  await noteStarted(parts, replica, { job, host: replica.host ?? runner.host, intent })
  return 0
}

async function createNode(
  parts: ReplicaParts,
  provider: Provider,
  replica: Replica,
  { settings: { spec }, lease, held }: LaunchIntent,
): Promise<NodeDescription> {
  const offer = await offerOf(parts, provider, { replica, spec, held })
  const attempt = attemptOf(replica, replica.attempt)
  const { epoch } = await getInstallation(parts.database)
  lease.guard(parts.effectDeadlineMs)
  return provider.createNode(
    {
      token: tokenOf(attempt),
      tags: { ...attempt, installationId: parts.installationId, epoch },
      offer,
      resources: resourcesOf(spec),
    },
    { signal: AbortSignal.timeout(parts.effectDeadlineMs) },
  )
}

/** The offer of the intent; one that the infra sells no more is out of stock for good. */
async function offerOf(
  parts: ReplicaParts,
  provider: Provider,
  {
    replica,
    spec,
    held,
  }: { readonly replica: Replica; readonly spec: ServiceSpec; readonly held: LeaseHeld },
): Promise<Offer> {
  if (replica.offerId === '') {
    // An intent of a program that wrote none down.
    const chosen = await chooseOffer(parts.database, provider, { replica, spec })
    await write(parts, (tx) => updateReplica(tx, replica.uid, toReplicaOffer(chosen), { lease: held }))
    return chosen
  }
  const { region, zone, isSpot } = replica
  const offers = await provider.listOffers({ region, zone, isSpot })
  const offer = offers.find(({ id }) => id === replica.offerId)
  if (offer !== undefined) return offer
  throw new ProviderError('capacity', `${replica.infra} no longer offers ${replica.offerId}`)
}

async function jobRequestOf(
  parts: ReplicaParts,
  replica: Replica,
  { spec, node, host }: { readonly spec: ServiceSpec; readonly node: NodeDescription; readonly host: string },
): Promise<JobRequest> {
  const { task } = spec
  const { region, zone } = node.offer
  const contract = contractEnv({
    taskId: `sky-${replica.serviceName}-${replica.replicaId}`,
    user: 'skykeep',
    nodeIps: [host],
    nodeRank: 0,
    gpusPerNode: Number(replica.accelerator.split(':')[1] ?? 0),
    cluster: { name: `${replica.serviceName}-${replica.replicaId}`, cloud: replica.infra, region, zone },
    replicaId: replica.replicaId,
    ...(replica.port === null ? {} : { port: replica.port }),
  })
  const secrets = await parts.secretsOf(replica.serviceUid, replica.version)
  return {
    claim: attemptOf(replica, replica.attempt),
    setup: task.setup ?? null,
    run: task.run,
    env: { ...task.envs, ...secrets },
    ...contract,
    workdirSource: parts.workdirOf(replica.serviceUid, replica.version),
  }
}

async function noteStarted(
  parts: ReplicaParts,
  replica: Replica,
  {
    job,
    host,
    intent,
  }: { readonly job: JobDescription; readonly host: string; readonly intent: LaunchIntent },
): Promise<void> {
  const { pid, pidStartTime, bootId, jobId } = job
  await write(parts, async (tx) => {
    const { held: lease } = intent
    await updateReplica(tx, replica.uid, { pid, pidStartTime, bootId, jobId, host }, { lease })
    const message = `process ${pid} on ${replica.infra}`
    await transition(tx, {
      kind: 'replica',
      uid: replica.uid,
      to: 'STARTING',
      reason: 'JOB_STARTED',
      message,
      lease,
    })
    await appendEvent(tx, {
      kind: 'replica',
      uid: replica.uid,
      serviceName: replica.serviceName,
      type: 'replica.launched',
      reason: 'JOB_STARTED',
      message: `${replica.serviceName}-${replica.replicaId}: ${message}, port ${replica.port ?? '-'}`,
      payload: { replicaId: replica.replicaId, pid, host, port: replica.port, attempt: replica.attempt },
    })
    await wakeService(tx, replica.serviceUid)
  })
}

async function preempted(parts: ReplicaParts, replica: Replica, intent: LaunchIntent): Promise<number> {
  const message = 'its node was taken back before it started'
  return end(parts, replica, { intent, outcome: 'PREEMPTED', reason: 'PREEMPTED', message })
}

async function booting(parts: ReplicaParts, replica: Replica, intent: LaunchIntent): Promise<number> {
  const memory = parts.memory.of(replica.uid)
  const nowMs = parts.clock.monotonicMs()
  memory.bootingSinceMs ??= nowMs
  if (nowMs - memory.bootingSinceMs < bootBoundMs) return bootingPauseMs
  const message = `${noCapacityPrefix}its node did not run within ${bootBoundMs / 60_000} minutes`
  return end(parts, replica, { intent, outcome: 'FAILED_PROVISION', reason: 'NO_CAPACITY', message })
}

async function end(
  parts: ReplicaParts,
  replica: Replica,
  how: {
    readonly intent: LaunchIntent
    readonly outcome: 'FAILED_PROVISION' | 'PREEMPTED'
    readonly reason: string
    readonly message: string
  },
): Promise<number> {
  await write(parts, async (tx) => {
    const { held: lease } = how.intent
    await updateReplica(tx, replica.uid, { outcome: how.outcome }, { lease })
    const { reason, message } = how
    await transition(tx, { kind: 'replica', uid: replica.uid, to: 'SHUTTING_DOWN', reason, message, lease })
    await wakeService(tx, replica.serviceUid)
  })
  return 0
}
