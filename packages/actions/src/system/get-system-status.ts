import type { SystemView } from '@skykeep/core/views'
import { countEvents } from '@skykeep/db/events'
import { getInstallation, latestMigration } from '@skykeep/db/installation'
import { listOperations } from '@skykeep/db/operations'
import { listSetAside } from '@skykeep/db/reconciliations'
import { countReplicas } from '@skykeep/db/replicas'
import { loadRouteTable } from '@skykeep/db/route-state'
import { countServices } from '@skykeep/db/services'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'

/** The state of this control plane: its path, database, role, processes, disk, gateway and rows that were set aside. */
export async function getSystemStatus(context: ActionContext): Promise<SystemView> {
  authorize(context.actor, 'system:read')
  const { db, plane } = context
  const [processes, storage, gateways] = await Promise.all([
    plane.processes(),
    plane.storage(),
    plane.gateways(),
  ])
  const installation = await getInstallation(db)
  const operations = await listOperations(db, { workspace: context.workspace, limit: 1 })
  const table = await loadRouteTable(db)
  return {
    persistentPath: context.paths.root,
    database: { kind: db.kind, location: plane.databaseLocation, migration: await latestMigration(db) },
    role: plane.role(),
    fence: installation.fence,
    installationId: installation.uid,
    version: plane.version,
    processes,
    storage,
    gateway: {
      tableVersion: table?.version ?? 0,
      // A table is in force once the slowest process decides by it; -1 before any does.
      ackedVersion:
        gateways.length === 0 ? -1 : Math.min(...gateways.map((gateway) => gateway.appliedVersion)),
      ports: [...new Set(gateways.flatMap((gateway) => gateway.boundPorts))].toSorted((a, b) => a - b),
    },
    setAside: await listSetAside(db),
    pathProblem: (await plane.pathProblem?.()) ?? null,
    counts: {
      services: sum(await countServices(db)),
      replicas: sum(await countReplicas(db)),
      operations: operations.total,
      events: await countEvents(db),
    },
  }
}

function sum(groups: readonly { readonly count: number }[]): number {
  return groups.reduce((total, group) => total + group.count, 0)
}
