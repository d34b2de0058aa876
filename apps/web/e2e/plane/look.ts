import type { Database } from '@skykeep/db/handles'
import { LeaseObserver } from '@skykeep/db/lease-observer'
import { claimDue, release } from '@skykeep/db/leases'
import { randomIds } from '@skykeep/secrets/random-ids'
import { systemClock } from '@skykeep/testing/system-clock'

/** Claims every service that is due and gives it back until it is woken: without a worker it would soon count as left alone. */
export async function lookAtServices(db: Database): Promise<void> {
  const observer = new LeaseObserver({ clock: systemClock, leaseMs: 10_000 })
  const owner = randomIds.uid('plane')
  for (const lease of await claimDue(db, {
    kind: 'service',
    owner,
    limit: 100,
    isSuspect: false,
    observer,
  })) {
    await db.transaction((tx) => release(tx, lease, { requeueAfterMs: null, isFailed: false }))
  }
}
