import { isDeepStrictEqual } from 'node:util'
import { SkykeepError } from '@skykeep/core/errors'
import type { RouteTable, ServiceRoute } from '@skykeep/core/routes'
import type { Prisma } from './generated/sqlite/client.ts'
import type { Db, Tx } from './handles.ts'
import { getInstallation } from './installation.ts'

/** The table as last decided, or null before the first. */
export async function loadRouteTable(db: Db): Promise<RouteTable | null> {
  const row = await db.client.routeState.findUnique({ where: { id: 1 } })
  if (row === null) return null
  // Written by saveRoutes only, from this very type; `format` says so.
  const table = row.table as unknown as RouteTable
  if (table.format === 1) return table
  throw new SkykeepError('UNSUPPORTED', `route table of format ${String(table.format)}, this program reads 1`)
}

/** Stores what every gateway should serve. Unchanged routes keep their version; changed ones get the next. */
export async function saveRoutes(tx: Tx, services: readonly ServiceRoute[]): Promise<RouteTable> {
  const current = await loadRouteTable(tx)
  const { uid: installationId } = await getInstallation(tx)
  if (
    current !== null &&
    current.installationId === installationId &&
    isDeepStrictEqual(current.services, services)
  ) {
    return current
  }
  const table: RouteTable = { format: 1, version: (current?.version ?? 0) + 1, installationId, services }
  // A table is JSON by its type; Prisma only asks for an index signature.
  const stored = { version: table.version, table: table as unknown as Prisma.InputJsonObject }
  await tx.client.routeState.upsert({ where: { id: 1 }, create: { id: 1, ...stored }, update: stored })
  return table
}

/** Raises the version of the stored table by so much, so that no gateway takes it for an older one. Does nothing before the first table. */
export async function shiftRouteTable(tx: Tx, by: number): Promise<void> {
  const current = await loadRouteTable(tx)
  if (current === null) return
  const table = { ...current, version: current.version + by }
  // A table is JSON by its type; Prisma only asks for an index signature.
  const stored = { version: table.version, table: table as unknown as Prisma.InputJsonObject }
  await tx.client.routeState.update({ where: { id: 1 }, data: stored })
}
