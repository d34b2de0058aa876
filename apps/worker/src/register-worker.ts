import type { Database } from '@skykeep/db/handles'
import { breakLeases } from '@skykeep/db/leases'
import { deletePlane, insertPlane, listPlanes, type NewPlane } from '@skykeep/db/planes'

export interface NewWorker {
  readonly plane: NewPlane
  /** True for an owner of leases whose process is proven gone. */
  readonly isDead: (owner: string) => boolean
  /** True where that was the doing of a reboot, not of the rows (invariant 19). */
  readonly isRebooted: (owner: string) => boolean
}

export interface Registered {
  /** Why this process controls what it finds. */
  readonly trigger: string
  /** Rows that dead workers held. */
  readonly freed: number
}

/** Process lives that stay listed, for the history. */
const keptPlanes = 10

/** Registers a process life and frees what dead ones held, in one transaction under the plane's fence. */
export async function registerWorker(database: Database, worker: NewWorker): Promise<Registered> {
  const { plane, isDead, isRebooted } = worker
  const before = (await listPlanes(database)).filter(({ role }) => role === 'worker')
  const trigger = before.some(({ fence }) => fence === plane.fence) ? 'worker restarted' : 'plane started'
  return database.transaction(
    async (tx) => {
      // A reboot was not the rows' doing: it is not counted against them (invariant 19).
      await breakLeases(tx, { isDead: isRebooted, isCharged: false })
      const freed = await breakLeases(tx, { isDead, isCharged: true })
      for (const old of before.slice(keptPlanes)) await deletePlane(tx, old.uid)
      await insertPlane(tx, plane)
      return { trigger, freed }
    },
    { fence: plane.fence },
  )
}
