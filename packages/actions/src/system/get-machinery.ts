import type { GatewayStatus } from '@skykeep/core/routes'
import type { GatewayProcessView, MachineryView } from '@skykeep/core/system-views'
import { eventBounds } from '@skykeep/db/events'
import { listPlanes } from '@skykeep/db/planes'
import { countQueues } from '@skykeep/db/queues'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'

/** Who holds the plane and its rows, what waits, and what each gateway process has in hand. */
export async function getMachinery(context: ActionContext): Promise<MachineryView> {
  authorize(context.actor, 'system:read')
  const { db, plane, clock } = context
  const gateways = await plane.gateways()
  const { lastSeq, floorSeq } = await eventBounds(db)
  return {
    planes: (await listPlanes(db)).map(({ program, ...row }) => ({
      uid: row.uid,
      role: row.role,
      hostname: row.hostname,
      pid: row.pid,
      version: program,
      fence: row.fence,
      startedAtMs: row.startedAtMs,
      heartbeatAtMs: row.heartbeatAtMs,
    })),
    gateways: gateways.map(toGatewayView).toSorted((a, b) => a.slot - b.slot),
    queues: await countQueues(db, clock.now()),
    eventFloorSeq: floorSeq,
    lastEventSeq: lastSeq,
  }
}

function toGatewayView(status: GatewayStatus): GatewayProcessView {
  const { slot, pid, appliedVersion, ejected, blockedPorts, unacked } = status
  return {
    slot,
    pid,
    appliedVersion,
    inFlight: sum(status.inFlight),
    parked: sum(status.parked ?? {}),
    unackedSeconds: unacked?.counts ?? null,
    ejected: ejected.length,
    ejections: ejected,
    blockedPorts: blockedPorts.map(({ port, reason }) => ({ port, reason })),
  }
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0)
}
