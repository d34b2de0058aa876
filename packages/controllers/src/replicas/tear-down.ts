import type { Replica } from '@skykeep/core/nouns'
import { releaseAddress } from '@skykeep/db/address-reservations'
import type { LeaseHeld } from '@skykeep/db/guard'
import { updateReplica } from '@skykeep/db/replicas'
import { transition } from '@skykeep/db/transition'
import type { Lease } from '@skykeep/engine/lease'
import { archiveJobLog } from '@skykeep/logs/archive-log'
import { isProviderError } from '@skykeep/provider-contract/errors'
import type { Provider } from '@skykeep/provider-contract/provider'
import type { Runner } from '@skykeep/provider-contract/runner'
import { providerOf, wakeService, write } from '../context.ts'
import { jobLogFolderOf } from './job-log.ts'
import type { ReplicaParts } from './parts.ts'

/** Between SIGTERM and SIGKILL, milliseconds. */
const stopGraceMs = 10_000
const stopPauseMs = 250
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
  const runner = replica.nodeId === null ? null : await runnerOrNull(provider, replica.nodeId)
  if (runner !== null && replica.jobId !== null) {
    lease.guard(parts.effectDeadlineMs)
    const { isGone } = await parts.runtime.stopJob(runner, replica.jobId, stopGraceMs)
    if (!isGone) return stopPauseMs
    await archive(parts, provider, replica)
  }
  if (!(await deleteNodes(parts, provider, replica, lease))) return stopPauseMs
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
  return null
}

async function runnerOrNull(provider: Provider, nodeId: string): Promise<Runner | null> {
  try {
    return await provider.runner(nodeId)
  } catch (error) {
    if (isProviderError(error, 'not-found')) return null
    throw error
  }
}

/** The log outlives its node; a copy that is complete stays as it is when this is done again. */
async function archive(parts: ReplicaParts, provider: Provider, replica: Replica): Promise<void> {
  const { nodeId, jobId } = replica
  const from = nodeId === null || jobId === null ? null : jobLogFolderOf(provider, nodeId, jobId)
  if (from !== null) await archiveJobLog({ from, to: parts.logFolderOf(replica), capBytes: archiveCapBytes })
}

/** Finds what carries the replica's tag, also what a crash left unwritten, and deletes it. True once nothing is found. */
async function deleteNodes(
  parts: ReplicaParts,
  provider: Provider,
  replica: Replica,
  lease: Lease,
): Promise<boolean> {
  const listed = await provider.listNodes(parts.installationId)
  const mine = listed.filter(({ tags }) => tags.uid === replica.uid).map(({ nodeId }) => nodeId)
  for (const nodeId of mine) {
    lease.guard(parts.effectDeadlineMs)
    await provider.deleteNode(nodeId, { signal: AbortSignal.timeout(parts.effectDeadlineMs) })
  }
  if (mine.length > 0) {
    parts.memory.noteFound(replica.uid)
    return false
  }
  return parts.memory.isMissingProven(replica.uid, provider.consistencyWindowMs)
}
