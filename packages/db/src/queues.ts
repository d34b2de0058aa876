import type { QueueView } from '@skykeep/core/system-views'
import type { Db } from './handles.ts'
import { fromMs } from './milliseconds.ts'

const kinds = ['service', 'replica', 'operation'] as const

/** How many rows of each kind wait, are held and were set aside. @param nowMs wall time, ms since the epoch. */
export async function countQueues(db: Db, nowMs: number): Promise<readonly QueueView[]> {
  const { reconciliation } = db.client
  const now = fromMs(nowMs)
  return await Promise.all(
    kinds.map(async (kind) => {
      const free = { kind, leaseOwner: null, setAsideReason: null }
      return {
        kind,
        due: await reconciliation.count({ where: { ...free, nextReconcileAtMs: { lte: now } } }),
        held: await reconciliation.count({ where: { kind, leaseOwner: { not: null } } }),
        later: await reconciliation.count({ where: { ...free, nextReconcileAtMs: { gt: now } } }),
        setAside: await reconciliation.count({ where: { kind, setAsideReason: { not: null } } }),
      }
    }),
  )
}
