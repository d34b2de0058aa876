import type { EventPayload } from '@skykeep/core/events'
import type { Prisma } from './generated/sqlite/client.ts'
import type { Db, Tx } from './handles.ts'
import { fromMs, toMs } from './milliseconds.ts'

/** What others need to know of an infra without its provider. */
export interface Infra {
  readonly name: string
  readonly capabilities: EventPayload
  readonly capacity: EventPayload
  readonly health: 'UNKNOWN' | 'HEALTHY' | 'UNHEALTHY'
  readonly healthReason: string
  readonly observedAtMs: number
}

/** Stores what the infra's controller observed now. */
export async function saveInfra(tx: Tx, infra: Omit<Infra, 'observedAtMs'>): Promise<void> {
  const observed = {
    // JSON by their type; Prisma only asks for mutable ones.
    capabilities: infra.capabilities as Prisma.InputJsonObject,
    capacity: infra.capacity as Prisma.InputJsonObject,
    health: infra.health,
    healthReason: infra.healthReason,
    observedAtMs: fromMs(tx.clock.now()),
  }
  await tx.client.infra.upsert({
    where: { name: infra.name },
    create: { name: infra.name, ...observed },
    update: observed,
  })
}

/** By name. */
export async function listInfras(db: Db): Promise<Infra[]> {
  const rows = await db.client.infra.findMany({ orderBy: { name: 'asc' } })
  return rows.map((row) => ({
    name: row.name,
    // Written by saveInfra only, from these very types.
    capabilities: row.capabilities as EventPayload,
    capacity: row.capacity as EventPayload,
    health: row.health,
    healthReason: row.healthReason,
    observedAtMs: toMs(row.observedAtMs),
  }))
}
