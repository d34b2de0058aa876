import { SkykeepError } from '@skykeep/core/errors'
import type { Database, Tx } from './handles.ts'

/** @throws FENCED when the installation's fencing number is not the given one: another plane took over. */
export async function checkFence(tx: Tx, fence: number): Promise<void> {
  const row = await tx.client.installation.findUnique({ where: { id: 1 }, select: { fence: true } })
  if (row?.fence !== fence) throw fencedError(fence, row?.fence)
}

export function fencedError(held: number, found: number | undefined): SkykeepError {
  return new SkykeepError(
    'FENCED',
    `this plane holds fence ${held}, the installation is at ${found ?? 'none'}`,
    {
      userMessage: 'Another control plane took over.',
      hint: 'Nothing to do: this one stops, and the other one goes on.',
    },
  )
}

/**
 * Takes the next fencing number, higher than `atLeast` and than all before: from its commit on, every transaction that
 * carries an earlier one is refused. The installation must exist (`ensureInstallation`).
 * @param requireStill throws when nobody wants the number any more; asked while no other can be given out.
 */
export async function raiseFence(
  database: Database,
  atLeast = 0,
  requireStill: () => void = () => undefined,
): Promise<number> {
  return database.transaction(async (tx) => {
    requireStill()
    const installation = tx.client.installation
    const { fence } = await installation.findUniqueOrThrow({ where: { id: 1 }, select: { fence: true } })
    const next = Math.max(fence, atLeast) + 1
    await installation.update({ where: { id: 1 }, data: { fence: next } })
    return next
  })
}
