import type { Replica } from '@skykeep/core/nouns'
import { releaseAddress } from '@skykeep/db/address-reservations'
import type { LeaseHeld } from '@skykeep/db/guard'
import { updateReplica } from '@skykeep/db/replicas'
import { transition } from '@skykeep/db/transition'
import type { Lease } from '@skykeep/engine/lease'
import { archiveJobLog } from '@skykeep/logs/archive-log'
import { isProviderError } from '@skykeep/provider-contract/errors'
import type { Provider } from '@skykeep/provider-contract/provider'
import { providerOf, wakeService, write } from '../context.ts'
import { jobLogFolderOf } from './job-log.ts'
import type { ReplicaParts } from './parts.ts'

/** Between SIGTERM and SIGKILL, milliseconds. */
const stopGraceMs = 10_000
const stopPauseMs = 250
/** Longest pause between two looks for what may not be listed yet. */
const missingPauseMs = 5_000
/** A node that does not let its job be stopped for this long is deleted with it. */
const unstoppableMs = 30_000
/** What is kept of one replica's log. */
const archiveCapBytes = 64 << 20

/**
 * One step of a teardown: stop the job, keep its log, delete the node until nothing with the replica's tag is found; then TERMINATED.
 * @returns milliseconds until the next step; null when it is done.
 */
export async function tearDown(
  parts: ReplicaParts,
  replica: Replica,
  { lease, held }: { readonly lease: Lease; readonly held: LeaseHeld },
): Promise<number | null> {
  const provider = providerOf(parts, replica.infra)
  if (!(await isStopped(parts, provider, replica, lease))) return stopPauseMs
  await archive(parts, provider, replica)
  const leftMs = await deleteNodes(parts, provider, replica, lease)
  if (leftMs > 0) return leftMs
  await write(parts, async (tx) => {
    await updateReplica(tx, replica.uid, {}, { lease: held })
    await releaseAddress(tx, replica.uid, parts.routes.tableWithout(replica.uid))
    const message = `${replica.statusReason || 'ended'}; nothing of it is left`
    await transition(tx, {
      kind: 'replica',
      uid: replica.uid,
      to: 'TERMINATED',
      reason: replica.outcome ?? 'REMOVED',
      message: replica.outcome === 'REMOVED' ? 'nothing of it is left' : message,
      lease: held,
    })
    await wakeService(tx, replica.serviceUid)
  })
  parts.memory.forget(replica.uid)
  return null
}

/** True once nothing of its job is left, or nobody can tell it to stop: then deleting its node ends it. */
async function isStopped(
  parts: ReplicaParts,
  provider: Provider,
  { uid, nodeId, jobId }: Replica,
  lease: Lease,
): Promise<boolean> {
  if (nodeId === null || jobId === null) return true
  const memory = parts.memory.of(uid)
  try {
    if ((await provider.describeNode(nodeId)).state !== 'RUNNING') return true
    const runner = await provider.runner(nodeId)
    lease.guard(parts.effectDeadlineMs)
    const { isGone } = await parts.runtime.stopJob(runner, jobId, stopGraceMs)
    memory.unstoppableSinceMs = null
    return isGone
  } catch (error) {
    if (isProviderError(error, 'not-found')) return true
    if (!isProviderError(error)) throw error
    const nowMs = parts.clock.monotonicMs()
    memory.unstoppableSinceMs ??= nowMs
    if (nowMs - memory.unstoppableSinceMs >= unstoppableMs) return true
    throw error
  }
}

/** The log outlives its node; a copy that is complete stays as it is when this is done again. */
async function archive(parts: ReplicaParts, provider: Provider, replica: Replica): Promise<void> {
  const { nodeId, jobId } = replica
  const from = nodeId === null || jobId === null ? null : jobLogFolderOf(provider, nodeId, jobId)
  if (from !== null) await archiveJobLog({ from, to: parts.logFolderOf(replica), capBytes: archiveCapBytes })
}

/**
 * Finds what carries the replica's tag, also what a crash left unwritten, and deletes it.
 * @returns milliseconds until the next look; 0 once nothing was found for the whole consistency window.
 */
async function deleteNodes(
  parts: ReplicaParts,
  provider: Provider,
  { uid }: Replica,
  lease: Lease,
): Promise<number> {
  const listed = await provider.listNodes(parts.installationId)
  const mine = listed.filter(({ tags }) => tags.uid === uid).map(({ nodeId }) => nodeId)
  for (const nodeId of mine) {
    lease.guard(parts.effectDeadlineMs)
    await provider.deleteNode(nodeId, { signal: AbortSignal.timeout(parts.effectDeadlineMs) })
  }
  if (mine.length > 0) {
    parts.memory.noteFound(uid)
    return stopPauseMs
  }
  const { consistencyWindowMs } = provider
  if (parts.memory.isMissingProven(uid, consistencyWindowMs)) return 0
  return Math.min(Math.max(consistencyWindowMs / 4, stopPauseMs), missingPauseMs)
}
