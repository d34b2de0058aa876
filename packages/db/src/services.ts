import type { Service } from '@skykeep/core/nouns'
import type { ScheduleSpec } from '@skykeep/core/service-spec'
import type { ServiceStatus } from '@skykeep/core/statuses'
import type { Page } from '@skykeep/core/views'
import { appendEvent, type Because } from './events.ts'
import { Prisma } from './generated/sqlite/client.ts'
import { checkGuard, checkUpdated, notFound, type Guard } from './guard.ts'
import type { Db, Tx } from './handles.ts'
import { fromMs, fromMsOrNull, toMs, toMsOrNull } from './milliseconds.ts'
import { afterCursor, newestFirst, pageSize, toPage, totalOf, type PageRequest } from './paging.ts'
import { insertReconciliation, toReconciled, wake } from './reconciliations.ts'

export interface NewService extends Because {
  readonly uid: string
  readonly workspace: string
  readonly name: string
  readonly createdBy: string
  readonly desiredVersion: number
  readonly desiredReplicas: number
}

/**
 * Creates a service in its first status, due at once, with its event.
 * @throws ALREADY_EXISTS when a living service of the workspace has the name.
 */
export async function insertService(tx: Tx, service: NewService): Promise<Service> {
  await insertReconciliation(tx, 'service', service.uid)
  const row = await tx.client.service.create({
    data: {
      uid: service.uid,
      workspace: service.workspace,
      name: service.name,
      livingName: service.name,
      createdAtMs: fromMs(tx.clock.now()),
      createdBy: service.createdBy,
      desiredVersion: service.desiredVersion,
      desiredReplicas: service.desiredReplicas,
      targetVersion: service.desiredVersion,
      targetReplicas: service.desiredReplicas,
    },
    include,
  })
  await appendEvent(tx, {
    ...because(service),
    kind: 'service',
    uid: row.uid,
    serviceName: row.name,
    type: 'status.changed',
    to: row.status,
    reason: 'CREATED',
  })
  return toService(row)
}

/** @throws NOT_FOUND */
export async function getService(db: Db, uid: string): Promise<Service> {
  const row = await db.client.service.findUnique({ where: { uid }, include })
  if (row === null) throw notFound(`service ${uid}`)
  return toService(row)
}

/** The living service of that name, or null. */
export async function findService(db: Db, workspace: string, name: string): Promise<Service | null> {
  const key = { workspace_livingName: { workspace, livingName: name } }
  const row = await db.client.service.findUnique({ where: key, include })
  return row && toService(row)
}

export interface ServiceFilter extends PageRequest {
  readonly workspace?: string
  readonly statuses?: readonly ServiceStatus[]
  /** A part of the name; ASCII case as stored. */
  readonly nameContains?: string
  /** Default false: services that are TERMINATED are left out. */
  readonly isHistoryIncluded?: boolean
}

/** One page, newest first. */
export async function listServices(db: Db, filter: ServiceFilter = {}): Promise<Page<Service>> {
  const where: Prisma.ServiceWhereInput = {
    ...(filter.workspace === undefined ? {} : { workspace: filter.workspace }),
    ...(filter.statuses === undefined ? {} : { status: { in: [...filter.statuses] } }),
    ...(filter.nameContains === undefined ? {} : { name: { contains: filter.nameContains } }),
    ...(filter.isHistoryIncluded === true ? {} : { livingName: { not: null } }),
  }
  const size = pageSize(filter.limit)
  const rows = await db.client.service.findMany({
    where: { AND: [where, afterCursor(filter.cursor)] },
    orderBy: newestFirst,
    take: size + 1,
    include,
  })
  const total = await totalOf(rows, filter, () => db.client.service.count({ where }))
  return toPage(rows.map(toService), size, total)
}

/** How many living services are in each status. */
export async function countServices(db: Db): Promise<{ status: ServiceStatus; count: number }[]> {
  const groups = await db.client.service.groupBy({
    by: ['status'],
    where: { livingName: { not: null } },
    _count: true,
  })
  return groups.map((group) => ({ status: group.status, count: group._count }))
}

export interface ServiceDesire extends Because, Guard {
  readonly desiredVersion?: number
  readonly desiredReplicas?: number
  readonly deletionRequestedAtMs?: number
  readonly isPaused?: boolean
  /** Null: those of the YAML again. */
  readonly schedule?: ScheduleSpec | null
  /** One sentence for a person. */
  readonly message?: string
}

/** Writes what a person asked for: a new generation, due at once, with its event. Actions only. */
export async function setServiceDesired(tx: Tx, uid: string, desire: ServiceDesire): Promise<Service> {
  const guarded = await checkGuard(tx, desire)
  const { count } = await tx.client.service.updateMany({
    where: { uid, ...guarded },
    data: {
      ...(desire.desiredVersion === undefined ? {} : { desiredVersion: desire.desiredVersion }),
      ...(desire.desiredReplicas === undefined ? {} : { desiredReplicas: desire.desiredReplicas }),
      ...(desire.deletionRequestedAtMs === undefined
        ? {}
        : { deletionRequestedAtMs: fromMsOrNull(desire.deletionRequestedAtMs) }),
      ...(desire.isPaused === undefined ? {} : { isPaused: desire.isPaused }),
      ...(desire.schedule === undefined ? {} : { schedule: toJson(desire.schedule), scheduleVersion: 1 }),
      generation: { increment: 1 },
      rowVersion: { increment: 1 },
    },
  })
  checkUpdated(count, `service ${uid}`, desire)
  await wake(tx, uid)
  const service = await getService(tx, uid)
  await appendEvent(tx, {
    ...because(desire),
    kind: 'service',
    uid,
    serviceName: service.name,
    type: 'service.desired',
    reason: service.deletionRequestedAtMs === null ? 'CHANGED' : 'DELETION_REQUESTED',
    message: desire.message ?? '',
    payload: {
      desiredVersion: service.desiredVersion,
      desiredReplicas: service.desiredReplicas,
      isPaused: service.isPaused,
      generation: service.generation,
    },
  })
  return service
}

export interface ServiceObservation {
  readonly targetVersion?: number
  readonly latestEverReadyVersion?: number
  readonly observedGeneration?: number
  readonly targetReplicas?: number
  readonly stableVersion?: number
  readonly readySinceMs?: number | null
}

/** Writes what the controller saw or decided. @throws STALE_LEASE, CONFLICT, NOT_FOUND. */
export async function updateService(
  tx: Tx,
  uid: string,
  seen: ServiceObservation,
  guard: Guard = {},
): Promise<Service> {
  const guarded = await checkGuard(tx, guard)
  const { count } = await tx.client.service.updateMany({
    where: { uid, ...guarded },
    data: { ...seen, rowVersion: { increment: 1 } },
  })
  checkUpdated(count, `service ${uid}`, guard)
  return getService(tx, uid)
}

/** Takes the service's next replica number: each is given once, for ever. */
export async function takeReplicaId(tx: Tx, uid: string): Promise<number> {
  const row = await tx.client.service.update({
    where: { uid },
    data: { nextReplicaId: { increment: 1 }, rowVersion: { increment: 1 } },
    select: { nextReplicaId: true },
  })
  return row.nextReplicaId - 1
}

const include = { reconciliation: true }

function toService(row: Prisma.ServiceGetPayload<{ include: typeof include }>): Service {
  return {
    ...toReconciled(row.rowVersion, row.reconciliation),
    uid: row.uid,
    workspace: row.workspace,
    name: row.name,
    createdAtMs: toMs(row.createdAtMs),
    createdBy: row.createdBy,
    desiredVersion: row.desiredVersion,
    desiredReplicas: row.desiredReplicas,
    deletionRequestedAtMs: toMsOrNull(row.deletionRequestedAtMs),
    generation: row.generation,
    status: row.status,
    statusReason: row.statusReason,
    targetVersion: row.targetVersion,
    latestEverReadyVersion: row.latestEverReadyVersion,
    observedGeneration: row.observedGeneration,
    nextReplicaId: row.nextReplicaId,
    isPaused: row.isPaused,
    // Written by setServiceDesired only, from this very type.
    schedule: row.schedule as unknown as ScheduleSpec | null,
    targetReplicas: row.targetReplicas,
    stableVersion: row.stableVersion,
    readySinceMs: toMsOrNull(row.readySinceMs),
    controllerSeenAtMs: toMsOrNull(row.reconciliation.leaseSeenAtMs),
  }
}

function because({ cause, actor }: Because): Because {
  return { ...(cause === undefined ? {} : { cause }), ...(actor === undefined ? {} : { actor }) }
}

function toJson(schedule: ScheduleSpec | null): Prisma.InputJsonObject | typeof Prisma.DbNull {
  // A schedule is JSON by its type; Prisma only asks for an index signature.
  return schedule === null ? Prisma.DbNull : (schedule as unknown as Prisma.InputJsonObject)
}
