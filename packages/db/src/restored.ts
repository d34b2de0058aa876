import { appendEvent } from './events.ts'
import { finishDrill } from './drills.ts'
import type { Tx } from './handles.ts'
import { getInstallation, type Installation } from './installation.ts'
import { breakLeases } from './leases.ts'
import { fromMs } from './milliseconds.ts'
import { shiftRouteTable } from './route-state.ts'

/**
 * How far each number skips. The original may go on after the backup was made: nothing that it gave out since is given out again here
 * (invariant 3). Far more than an original does between two backups, far less than 32 bits.
 */
export const skippedNumbers = {
  replicaIds: 1_000,
  events: 1_000_000,
  routeTables: 1_000_000,
  fences: 1_000,
} as const

/**
 * Makes a database that was filled from a backup an installation of its own age: a new epoch, numbers that nobody has seen, no lease and no
 * process of the original. Replicas stay: what still runs beside its folder is adopted, the rest is found to be lost.
 * @param from where the backup came from, for people.
 */
export async function markRestored(tx: Tx, from: string): Promise<Installation> {
  const nowMs = fromMs(tx.clock.now())
  await tx.client.installation.update({
    where: { id: 1 },
    data: {
      epoch: { increment: 1 },
      fence: { increment: skippedNumbers.fences },
      restoredAtMs: nowMs,
      restoredFrom: from,
    },
  })
  await tx.client.service.updateMany({ data: { nextReplicaId: { increment: skippedNumbers.replicaIds } } })
  await tx.client.eventSequence.updateMany({ data: { lastSeq: { increment: skippedNumbers.events } } })
  await shiftRouteTable(tx, skippedNumbers.routeTables)
  await breakLeases(tx, { isDead: () => true, isCharged: false })
  await tx.client.reconciliation.updateMany({ data: { leaseToken: { increment: 1 } } })
  await tx.client.plane.deleteMany({})
  await tx.client.signInCode.deleteMany({})
  for (const { uid } of await tx.client.drill.findMany({
    where: { status: 'RUNNING' },
    select: { uid: true },
  })) {
    const statusReason = 'The state was restored from a backup while the drill ran.'
    await finishDrill(tx, uid, { status: 'FAILED', statusReason, result: null })
  }
  const installation = await getInstallation(tx)
  await appendEvent(tx, {
    kind: 'system',
    uid: installation.uid,
    type: 'state.restored',
    message: `The state was restored from ${from}; it is epoch ${installation.epoch} of this installation now.`,
    payload: { from, epoch: installation.epoch, skipped: { ...skippedNumbers } },
  })
  return installation
}
