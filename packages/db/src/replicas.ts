import type { Replica } from '@skykeep/core/nouns'
import type { ReplicaStatus } from '@skykeep/core/statuses'
import type { Page } from '@skykeep/core/views'
import { appendEvent, type Because } from './events.ts'
import type { Prisma } from './generated/sqlite/client.ts'
import { checkGuard, checkUpdated, notFound, type Guard } from './guard.ts'
import type { Db, Tx } from './handles.ts'
import { fromMs, toMs, toMsOrNull } from './milliseconds.ts'
import { afterCursor, newestFirst, pageSize, toPage, totalOf, type PageRequest } from './paging.ts'
import { insertReconciliation, toReconciled, wake } from './reconciliations.ts'
import { takeReplicaId } from './services.ts'

export interface NewReplica extends Because, Guard {
  readonly uid: string
  readonly service: { readonly uid: string; readonly name: string }
  readonly version: number
  readonly infra: string
  /** The offer that was chosen for it; without one the cheapest that fits is chosen at launch. */
  readonly offer?: ReplicaOffer
}

export type ReplicaOffer = Pick<
  Replica,
  'offerId' | 'region' | 'zone' | 'instanceType' | 'accelerator' | 'isSpot' | 'priceUsdPerHour'
>

/** Creates a replica with the service's next number, due at once, with its event. */
export async function insertReplica(tx: Tx, replica: NewReplica): Promise<Replica> {
  await checkGuard(tx, replica)
  const replicaId = await takeReplicaId(tx, replica.service.uid)
  await insertReconciliation(tx, 'replica', replica.uid)
  const now = fromMs(tx.clock.now())
  const row = await tx.client.replica.create({
    data: {
      uid: replica.uid,
      serviceUid: replica.service.uid,
      serviceName: replica.service.name,
      replicaId,
      version: replica.version,
      infra: replica.infra,
      ...replica.offer,
      createdAtMs: now,
      statusChangedAtMs: now,
    },
    include,
  })
  await appendEvent(tx, {
    kind: 'replica',
    uid: row.uid,
    serviceName: row.serviceName,
    type: 'replica.created',
    to: row.status,
    reason: 'CREATED',
    payload: { replicaId, version: row.version, infra: row.infra, zone: row.zone, isSpot: row.isSpot },
    ...(replica.cause === undefined ? {} : { cause: replica.cause }),
    ...(replica.actor === undefined ? {} : { actor: replica.actor }),
  })
  return toReplica(row)
}

/** @throws NOT_FOUND */
export async function getReplica(db: Db, uid: string): Promise<Replica> {
  const row = await db.client.replica.findUnique({ where: { uid }, include })
  if (row === null) throw notFound(`replica ${uid}`)
  return toReplica(row)
}

/** The replica of that number, ended or not, or null. */
export async function findReplica(db: Db, serviceUid: string, replicaId: number): Promise<Replica | null> {
  const key = { serviceUid_replicaId: { serviceUid, replicaId } }
  const row = await db.client.replica.findUnique({ where: key, include })
  return row && toReplica(row)
}

export interface ReplicaFilter extends PageRequest {
  readonly serviceUid?: string
  readonly infra?: string
  readonly statuses?: readonly ReplicaStatus[]
  /** Default false: replicas that are TERMINATED are left out. */
  readonly isHistoryIncluded?: boolean
  /** Only those that were there at that time, ended since or not; ms since the epoch. */
  readonly atMs?: number
}

/** One page, newest first. */
export async function listReplicas(db: Db, filter: ReplicaFilter = {}): Promise<Page<Replica>> {
  const where: Prisma.ReplicaWhereInput = {
    AND: [
      filter.serviceUid === undefined ? {} : { serviceUid: filter.serviceUid },
      filter.infra === undefined ? {} : { infra: filter.infra },
      filter.statuses === undefined ? {} : { status: { in: [...filter.statuses] } },
      filter.atMs === undefined ? {} : thereAt(filter.atMs),
      filter.isHistoryIncluded === true || filter.atMs !== undefined ? {} : { status: { not: 'TERMINATED' } },
    ],
  }
  const size = pageSize(filter.limit)
  const rows = await db.client.replica.findMany({
    where: { AND: [where, afterCursor(filter.cursor)] },
    orderBy: newestFirst,
    take: size + 1,
    include,
  })
  const total = await totalOf(rows, filter, () => db.client.replica.count({ where }))
  return toPage(rows.map(toReplica), size, total)
}

function thereAt(atMs: number): Prisma.ReplicaWhereInput {
  return {
    createdAtMs: { lte: fromMs(atMs) },
    OR: [{ status: { not: 'TERMINATED' } }, { statusChangedAtMs: { gt: fromMs(atMs) } }],
  }
}

/** How many replicas that are not TERMINATED are in each status. */
export async function countReplicas(db: Db): Promise<{ status: ReplicaStatus; count: number }[]> {
  const where = { status: { not: 'TERMINATED' as const } }
  const groups = await db.client.replica.groupBy({ by: ['status'], where, _count: true })
  return groups.map((group) => ({ status: group.status, count: group._count }))
}

/** What the replica's controller writes; a status goes through transition() alone, what it waits for may change without one. */
export type ReplicaObservation = Partial<
  Pick<
    Replica,
    | 'statusReason'
    | 'offerId'
    | 'region'
    | 'zone'
    | 'instanceType'
    | 'accelerator'
    | 'isSpot'
    | 'priceUsdPerHour'
    | 'outcome'
    | 'attempt'
    | 'nodeId'
    | 'jobId'
    | 'host'
    | 'port'
    | 'pid'
    | 'pidStartTime'
    | 'bootId'
    | 'exitCode'
    | 'firstReadyAtMs'
    | 'probeFailures'
    | 'probeFailureMs'
    | 'startingMs'
    | 'drainStartedAtMs'
    | 'unroutedAtTable'
  >
>

/** Writes what the controller saw or intends. @throws STALE_LEASE, CONFLICT, NOT_FOUND. */
export async function updateReplica(
  tx: Tx,
  uid: string,
  seen: ReplicaObservation,
  guard: Guard = {},
): Promise<Replica> {
  const guarded = await checkGuard(tx, guard)
  const { count } = await tx.client.replica.updateMany({
    where: { uid, ...guarded },
    data: { ...seen, rowVersion: { increment: 1 } },
  })
  checkUpdated(count, `replica ${uid}`, guard)
  return getReplica(tx, uid)
}

/** Withdraws a replica (it is never wanted again) and makes it due. Already unwanted: the first reason stays. */
export async function setReplicaUnwanted(
  tx: Tx,
  uid: string,
  reason: string,
  guard: Guard = {},
): Promise<void> {
  const guarded = await checkGuard(tx, guard)
  const { count } = await tx.client.replica.updateMany({
    where: { uid, isWanted: true, ...guarded },
    data: { isWanted: false, unwantedReason: reason, rowVersion: { increment: 1 } },
  })
  if (count === 1) await wake(tx, uid)
  else if ((await getReplica(tx, uid)).isWanted) checkUpdated(count, `replica ${uid}`, guard)
}

const include = { reconciliation: true }

function toReplica({
  reconciliation,
  rowVersion,
  ...row
}: Prisma.ReplicaGetPayload<{ include: typeof include }>): Replica {
  return {
    ...row,
    ...toReconciled(rowVersion, reconciliation),
    createdAtMs: toMs(row.createdAtMs),
    statusChangedAtMs: toMs(row.statusChangedAtMs),
    pidStartTime: toMsOrNull(row.pidStartTime),
    firstReadyAtMs: toMsOrNull(row.firstReadyAtMs),
    drainStartedAtMs: toMsOrNull(row.drainStartedAtMs),
  }
}
