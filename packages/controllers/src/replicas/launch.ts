import { isSkykeepError, SkykeepError } from '@skykeep/core/errors'
import type { Replica } from '@skykeep/core/nouns'
import type { ServiceSpec } from '@skykeep/core/service-spec'
import { appendEvent } from '@skykeep/db/events'
import type { LeaseHeld } from '@skykeep/db/guard'
import { updateReplica } from '@skykeep/db/replicas'
import { transition } from '@skykeep/db/transition'
import type { Lease } from '@skykeep/engine/lease'
import { contractEnv } from '@skykeep/node-runtime/contract-env'
import type { JobDescription, JobRequest } from '@skykeep/node-runtime/job'
import { isProviderError, ProviderError } from '@skykeep/provider-contract/errors'
import {
  tokenOf,
  type NodeDescription,
  type Provider,
  type Resources,
} from '@skykeep/provider-contract/provider'
import { providerOf, wakeService, write } from '../context.ts'
import type { ReplicaParts } from './parts.ts'
import { attemptOf } from './prepare.ts'

const bootingPauseMs = 500

export interface LaunchIntent {
  readonly spec: ServiceSpec
  readonly lease: Lease
  readonly held: LeaseHeld
}

/**
 * Creates the node of the intent and starts its job; both find what an earlier try made. @returns milliseconds until the next look.
 * What the infra refuses for good ends the replica; every other error changes nothing but the reason that is shown.
 */
export async function launchReplica(
  parts: ReplicaParts,
  replica: Replica,
  intent: LaunchIntent,
): Promise<number> {
  try {
    return await launch(parts, replica, intent)
  } catch (error) {
    const isRefused = isProviderError(error, 'invalid') || isSkykeepError(error, 'INVALID_INPUT')
    const reason = error instanceof ProviderError || error instanceof SkykeepError ? error.message : null
    if (isRefused && reason !== null) return giveUp(parts, replica, { intent, reason })
    if (reason !== null && reason !== replica.statusReason && !isSkykeepError(error, 'STALE_LEASE')) {
      await write(parts, (tx) =>
        updateReplica(tx, replica.uid, { statusReason: reason }, { lease: intent.held }),
      )
    }
    throw error
  }
}

async function launch(parts: ReplicaParts, replica: Replica, intent: LaunchIntent): Promise<number> {
  const provider = providerOf(parts, replica.infra)
  const node = await createNode(parts, provider, replica, intent)
  if (replica.nodeId !== node.nodeId) {
    const seen = { nodeId: node.nodeId, bootId: node.bootId }
    await write(parts, (tx) => updateReplica(tx, replica.uid, seen, { lease: intent.held }))
  }
  if (node.state === 'PREEMPTED') return preempted(parts, replica, intent)
  if (node.state !== 'RUNNING') return bootingPauseMs
  const runner = await provider.runner(node.nodeId)
  const request = await jobRequestOf(parts, replica, { spec: intent.spec, node, host: runner.host })
  intent.lease.guard(parts.effectDeadlineMs)
  const job = await parts.runtime.startJob(runner, request)
  await noteStarted(parts, replica, { job, host: replica.host ?? runner.host, intent })
  return 0
}

async function createNode(
  parts: ReplicaParts,
  provider: Provider,
  replica: Replica,
  { spec, lease }: LaunchIntent,
): Promise<NodeDescription> {
  const resources = resourcesOf(spec)
  const [offer] = await provider.listOffers(resources)
  if (offer === undefined) {
    throw new ProviderError('invalid', `${replica.infra} has nothing with ${describeResources(resources)}`)
  }
  const attempt = attemptOf(replica, replica.attempt)
  lease.guard(parts.effectDeadlineMs)
  return provider.createNode(
    { token: tokenOf(attempt), tags: { ...attempt, installationId: parts.installationId }, offer, resources },
    { signal: AbortSignal.timeout(parts.effectDeadlineMs) },
  )
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
    gpusPerNode: 0,
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

async function giveUp(
  parts: ReplicaParts,
  replica: Replica,
  { intent, reason }: { readonly intent: LaunchIntent; readonly reason: string },
): Promise<number> {
  return end(parts, replica, {
    intent,
    outcome: 'FAILED_PROVISION',
    reason: 'LAUNCH_REFUSED',
    message: reason,
  })
}

async function preempted(parts: ReplicaParts, replica: Replica, intent: LaunchIntent): Promise<number> {
  const message = 'its node was taken back before it started'
  return end(parts, replica, { intent, outcome: 'PREEMPTED', reason: 'PREEMPTED', message })
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

function resourcesOf({ task }: ServiceSpec): Resources {
  const { cpus, memoryGib } = task.resources
  return {
    ...(cpus === undefined ? {} : { cpus: cpus.value }),
    ...(memoryGib === undefined ? {} : { memoryGiB: memoryGib.value }),
  }
}

function describeResources({ cpus, memoryGiB }: Resources): string {
  return `${cpus ?? 'any'} CPUs and ${memoryGiB ?? 'any'} GiB of memory`
}
