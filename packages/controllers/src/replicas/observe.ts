import type { Replica } from '@skykeep/core/nouns'
import type { ReadinessProbe } from '@skykeep/core/service-spec'
import type { LogSource } from '@skykeep/logs/log-source'
import type { JobDescription } from '@skykeep/node-runtime/job'
import { hasCapability } from '@skykeep/provider-contract/capabilities'
import { isProviderError } from '@skykeep/provider-contract/errors'
import type { NodeDescription, Provider } from '@skykeep/provider-contract/provider'
import { providerOf } from '../context.ts'
import type { JobSighting, ProbeSighting } from './decide.ts'
import { jobLogOf } from './job-log.ts'
import { lastLineOf } from './last-line.ts'
import type { LocalProcess } from './local-process.ts'
import type { ReplicaParts } from './parts.ts'

/** A job whose process lives is asked for everything only this often: that mends its log pump. Milliseconds. */
const describeEveryMs = 60_000
const drainingLookMs = 3_000

/** Looks at the replica's node and job: one look at /proc where that is enough. Never throws for the infra's sake. */
export async function sightJob(parts: ReplicaParts, replica: Replica): Promise<JobSighting> {
  const { nodeId, jobId } = replica
  if (nodeId === null || jobId === null) return { state: 'absent' }
  const provider = providerOf(parts, replica.infra)
  const isSeenAlive = isSeen(parts, provider, replica)
  // Where a node may be taken back, the node itself is looked at each time.
  if (isSeenAlive && !hasCapability(provider, 'preemption')) return { state: 'running' }
  if (!isLookDue(parts, replica)) return { state: 'unknown', reason: '' }
  try {
    const node = await nodeOrNull(provider, nodeId)
    if (node === null) return missing(parts, provider, replica.uid)
    parts.memory.noteFound(replica.uid)
    const fate = fateOf(node)
    if (fate !== null) return fate
    if (isSeenAlive) return { state: 'running' }
    const sighting = await askNode(parts, provider, { replica, nodeId, jobId })
    parts.memory.of(replica.uid).homelessSinceMs = null
    return sighting
  } catch (error) {
    if (isProviderError(error, 'not-found')) return homeless(parts, provider, replica.uid)
    if (isProviderError(error)) return { state: 'unknown', reason: error.message }
    throw error
  }
}

/** One that drains is looked at three times a second for its requests' sake: its infra is not asked as often. */
function isLookDue(parts: ReplicaParts, { uid, status }: Replica): boolean {
  const memory = parts.memory.of(uid)
  const nowMs = parts.clock.monotonicMs()
  const isRecent = memory.sightedAtMs !== null && nowMs - memory.sightedAtMs < drainingLookMs
  if (status === 'DRAINING' && isRecent) return false
  memory.sightedAtMs = nowMs
  return true
}

/** True when its process lives and was asked for everything not long ago. */
function isSeen(parts: ReplicaParts, provider: Provider, replica: Replica): boolean {
  const { describedAtMs } = parts.memory.of(replica.uid)
  if (describedAtMs === null || replica.status === 'STARTING') return false
  if (parts.clock.monotonicMs() - describedAtMs >= describeEveryMs) return false
  const process = localProcessOf(provider, replica)
  return process !== null && parts.isProcessAlive(process)
}

/** What became of the node, where that says all about the job. */
function fateOf(node: NodeDescription): JobSighting | null {
  const { state, stateReason, hasRebooted, endsAtMs } = node
  if (state === 'PREEMPTED') return { state: 'preempted', reason: stateReason }
  if (hasRebooted) return { state: 'rebooted' }
  return endsAtMs === undefined ? null : { state: 'noticed', reason: stateReason }
}

async function askNode(
  parts: ReplicaParts,
  provider: Provider,
  { replica, nodeId, jobId }: { readonly replica: Replica; readonly nodeId: string; readonly jobId: string },
): Promise<JobSighting> {
  const job = await parts.runtime.describeJob(await provider.runner(nodeId), jobId)
  parts.memory.of(replica.uid).describedAtMs = parts.clock.monotonicMs()
  if (job === null) return { state: 'absent' }
  const log = jobLogOf(provider, nodeId, jobId)
  const lastLine = isEnded(job) && log !== null ? await tellingLine(parts, replica, log) : ''
  return sightingOf(job, lastLine)
}

async function nodeOrNull(provider: Provider, nodeId: string): Promise<NodeDescription | null> {
  try {
    return await provider.describeNode(nodeId)
  } catch (error) {
    if (isProviderError(error, 'not-found')) return null
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
  return isProven ? { state: 'node-gone' } : { state: 'unknown', reason: 'its node is not found (yet)' }
}

/** The node is listed and cannot be entered: its end may just not be shown yet, or what ran on it removed its home. */
function homeless(parts: ReplicaParts, provider: Provider, replicaUid: string): JobSighting {
  const memory = parts.memory.of(replicaUid)
  const nowMs = parts.clock.monotonicMs()
  const isFirst = memory.homelessSinceMs === null
  memory.homelessSinceMs ??= nowMs
  const isProven = !isFirst && nowMs - memory.homelessSinceMs >= provider.consistencyWindowMs
  return isProven ? { state: 'absent' } : { state: 'unknown', reason: 'its node cannot be entered' }
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

export interface ProbeTarget {
  readonly probe: ReadinessProbe
  /** Where it is to be reached: another port than its row's when the service serves another one now. */
  readonly port: number | null
}

/** Probes once, and before an address gets requests demands proof that the listener is the replica's own (invariant 9). */
export async function sightProbe(
  parts: ReplicaParts,
  replica: Replica,
  { probe, port }: ProbeTarget,
): Promise<ProbeSighting> {
  const { host, nodeId } = replica
  if (host === null || port === null || nodeId === null)
    return { state: 'failed', reason: 'it has no address' }
  const result = await parts.probe({ host, port }, probe)
  if (!result.isReady) return { state: 'failed', reason: result.reason }
  if (replica.status === 'READY' && replica.port === port) return { state: 'passed' }
  const provider = providerOf(parts, replica.infra)
  if (!hasCapability(provider, 'endpoint-proof')) return { state: 'passed' }
  const proof = await provider.proveListener(nodeId, port)
  return proof.kind === 'OWNED' ? { state: 'passed' } : { state: 'failed', reason: proof.reason }
}
