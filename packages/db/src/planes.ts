import type { Prisma } from './generated/sqlite/client.ts'
import type { Db, Tx } from './handles.ts'
import { fromMs, toMs } from './milliseconds.ts'

/** One process of a control plane. Alive, to an observer, while its counter moves. */
export interface Plane {
  readonly uid: string
  readonly role: 'worker' | 'web'
  readonly hostname: string
  readonly pid: number
  readonly bootId: string
  /** Version of the program. */
  readonly program: string
  readonly fence: number
  readonly startedAtMs: number
  readonly heartbeatCounter: number
  /** For people; nothing is decided on it. */
  readonly heartbeatAtMs: number
}

export type NewPlane = Omit<Plane, 'startedAtMs' | 'heartbeatCounter' | 'heartbeatAtMs'>

/** Registers a process life. */
export async function insertPlane(tx: Tx, plane: NewPlane): Promise<Plane> {
  const { uid, role, hostname, pid, bootId, program, fence } = plane
  const now = fromMs(tx.clock.now())
  const row = await tx.client.plane.create({
    data: { uid, role, hostname, pid, bootId, program, fence, startedAtMs: now, heartbeatAtMs: now },
  })
  return toPlane(row)
}

/** Moves the counter. @returns false when the process is not registered any more. */
export async function beatPlane(tx: Tx, uid: string): Promise<boolean> {
  const data = { heartbeatCounter: { increment: 1 }, heartbeatAtMs: fromMs(tx.clock.now()) }
  return (await tx.client.plane.updateMany({ where: { uid }, data })).count === 1
}

/** Newest first. */
export async function listPlanes(db: Db): Promise<Plane[]> {
  return (
    await db.client.plane.findMany({ orderBy: [{ startedAtMs: 'desc' }, { uid: 'desc' }], take: 100 })
  ).map(toPlane)
}

/** Forgets a process life; one that is gone already is fine. */
export async function deletePlane(tx: Tx, uid: string): Promise<void> {
  await tx.client.plane.deleteMany({ where: { uid } })
}

function toPlane(row: Prisma.PlaneGetPayload<object>): Plane {
  return { ...row, startedAtMs: toMs(row.startedAtMs), heartbeatAtMs: toMs(row.heartbeatAtMs) }
}
