import type { Replica } from '@skykeep/core/nouns'
import type { ReadinessProbe } from '@skykeep/core/service-spec'
import type { LogSource } from '@skykeep/logs/log-source'
import type { JobDescription } from '@skykeep/node-runtime/job'
import { hasCapability } from '@skykeep/provider-contract/capabilities'
import { isProviderError } from '@skykeep/provider-contract/errors'
import type { Provider } from '@skykeep/provider-contract/provider'
import { providerOf } from '../context.ts'
import type { JobSighting, ProbeSighting } from './decide.ts'
import { jobLogOf } from './job-log.ts'
import { lastLineOf } from './last-line.ts'
import type { LocalProcess } from './local-process.ts'
import type { ReplicaParts } from './parts.ts'

/** A job whose process lives is asked for everything only this often: that mends its log pump. Milliseconds. */
const describeEveryMs = 60_000

/** Looks at the replica's job: one look at /proc where that is enough, else the node is asked. Never throws for the infra's sake. */
export async function sightJob(parts: ReplicaParts, replica: Replica): Promise<JobSighting> {
  const { nodeId, jobId } = replica
  if (nodeId === null || jobId === null) return { state: 'absent' }
  const provider = providerOf(parts, replica.infra)
  const memory = parts.memory.of(replica.uid)
  const process = localProcessOf(provider, replica)
  const nowMs = parts.clock.monotonicMs()
  const isFresh = memory.describedAtMs !== null && nowMs - memory.describedAtMs < describeEveryMs
  if (isFresh && replica.status !== 'STARTING' && process !== null && parts.isProcessAlive(process)) {
    return { state: 'running' }
  }
  try {
    const node = await provider.describeNode(nodeId)
    if (node.state === 'PREEMPTED') return { state: 'preempted', reason: node.stateReason }
    if (node.hasRebooted) return { state: 'rebooted' }
    const runner = await provider.runner(nodeId)
    const job = await parts.runtime.describeJob(runner, jobId)
    memory.describedAtMs = nowMs
    parts.memory.noteFound(replica.uid)
    if (job === null) return { state: 'absent' }
    const log = jobLogOf(provider, nodeId, jobId)
    const lastLine = isEnded(job) && log !== null ? await tellingLine(parts, replica, log) : ''
    return sightingOf(job, lastLine)
  } catch (error) {
    if (isProviderError(error, 'not-found')) return missing(parts, provider, replica.uid)
    if (isProviderError(error)) return { state: 'unknown', reason: error.message }
    throw error
  }
}

/** Nothing at all where the secrets cannot be read: then nobody can tell what the line holds. */
async function tellingLine(parts: ReplicaParts, replica: Replica, log: LogSource): Promise<string> {
  const secrets = await parts.secretsOf(replica.serviceUid, replica.version).catch(() => null)
  return secrets === null ? '' : await lastLineOf(log, Object.values(secrets))
}

/** "Not found" counts only after the provider's consistency window (invariant 4). */
function missing(parts: ReplicaParts, provider: Provider, replicaUid: string): JobSighting {
  const isProven = parts.memory.isMissingProven(replicaUid, provider.consistencyWindowMs)
  return isProven ? { state: 'absent' } : { state: 'unknown', reason: 'its node is not found (yet)' }
}

function isEnded({ status }: JobDescription): boolean {
  return status !== 'SETTING_UP' && status !== 'RUNNING'
}

function sightingOf(job: JobDescription, lastLine: string): JobSighting {
  if (job.hasRebooted) return { state: 'rebooted' }
  if (job.status === 'SETTING_UP') return { state: 'setting-up' }
  if (job.status === 'RUNNING') return { state: 'running' }
  const isSetup = job.status === 'FAILED_SETUP'
  return {
    state: 'ended',
    isSetup,
    exitCode: job.exitCode,
    lastLine: lastLine === '' ? job.reason : lastLine,
  }
}

/** The job's process where it is one of this machine. */
export function localProcessOf(provider: Provider, replica: Replica): LocalProcess | null {
  const { pid, pidStartTime, bootId } = replica
  if (!hasCapability(provider, 'local-homes')) return null
  if (pid === null || pidStartTime === null || bootId === null) return null
  return { pid, startTime: pidStartTime, bootId }
}

/** Probes once, and before a replica is ready demands proof that the listener is its own (invariant 9). */
export async function sightProbe(
  parts: ReplicaParts,
  replica: Replica,
  probe: ReadinessProbe,
): Promise<ProbeSighting> {
  const { host, port, nodeId } = replica
  if (host === null || port === null || nodeId === null)
    return { state: 'failed', reason: 'it has no address' }
  const result = await parts.probe({ host, port }, probe)
  if (!result.isReady) return { state: 'failed', reason: result.reason }
  if (replica.status === 'READY') return { state: 'passed' }
  const provider = providerOf(parts, replica.infra)
  if (!hasCapability(provider, 'endpoint-proof')) return { state: 'passed' }
  const proof = await provider.proveListener(nodeId, port)
  return proof.kind === 'OWNED' ? { state: 'passed' } : { state: 'failed', reason: proof.reason }
}
