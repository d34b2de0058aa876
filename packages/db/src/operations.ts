import type { Operation } from '@skykeep/core/nouns'
import type { OperationStatus } from '@skykeep/core/statuses'
import type { Page } from '@skykeep/core/views'
import { currentTraceparent } from '@skykeep/telemetry/scope'
import { appendEvent } from './events.ts'
import type { Prisma } from './generated/sqlite/client.ts'
import { checkGuard, checkUpdated, notFound, type Guard } from './guard.ts'
import type { Db, Tx } from './handles.ts'
import { fromMs, toMs, toMsOrNull } from './milliseconds.ts'
import { afterCursor, newestFirst, pageSize, toPage, totalOf, type PageRequest } from './paging.ts'
import { insertReconciliation, toReconciled, wake } from './reconciliations.ts'

export type NewOperation = Pick<
  Operation,
  'uid' | 'workspace' | 'verb' | 'targetKind' | 'targetUid' | 'targetName' | 'requestedBy'
> & { readonly details?: Operation['details'] }

/** Creates a pending operation, due at once, with its event. */
export async function insertOperation(tx: Tx, operation: NewOperation): Promise<Operation> {
  await insertReconciliation(tx, 'operation', operation.uid)
  const row = await tx.client.operation.create({
    data: {
      ...pickNew(operation),
      createdAtMs: fromMs(tx.clock.now()),
      // Details are JSON by their type; Prisma only asks for a mutable one.
      details: { ...operation.details, ...traceOfNow() } as Prisma.InputJsonObject,
    },
    include,
  })
  await appendEvent(tx, {
    kind: 'operation',
    uid: row.uid,
    serviceName: row.targetName,
    type: 'status.changed',
    to: row.status,
    reason: 'CREATED',
    payload: { verb: row.verb, ...operation.details },
    cause: row.uid,
    actor: row.requestedBy,
  })
  return toOperation(row)
}

/** The trace of the request that asked for it, so that what a controller does for it can point there. */
function traceOfNow(): { readonly traceparent?: string } {
  const traceparent = currentTraceparent()
  return traceparent === null ? {} : { traceparent }
}

/** W3C traceparent of the request that asked for the operation; null when that was not traced. */
export function traceparentOf({ details }: Pick<Operation, 'details'>): string | null {
  return typeof details['traceparent'] === 'string' ? details['traceparent'] : null
}

function pickNew(operation: NewOperation): Omit<NewOperation, 'details'> {
  const { uid, workspace, verb, targetKind, targetUid, targetName, requestedBy } = operation
  return { uid, workspace, verb, targetKind, targetUid, targetName, requestedBy }
}

/** @throws NOT_FOUND */
export async function getOperation(db: Db, uid: string): Promise<Operation> {
  const row = await db.client.operation.findUnique({ where: { uid }, include })
  if (row === null) throw notFound(`operation ${uid}`)
  return toOperation(row)
}

export interface OperationFilter extends PageRequest {
  readonly workspace?: string
  readonly targetUid?: string
  readonly statuses?: readonly OperationStatus[]
  /** A part of the target's name or of the verb; ASCII case as stored. */
  readonly search?: string
  readonly verb?: string
  readonly targetName?: string
  /** Uids of those who asked. */
  readonly requestedBy?: readonly string[]
  /** Asked for at that time or later, and before that one; ms since the epoch. */
  readonly fromMs?: number
  readonly untilMs?: number
}

/** One page, newest first. */
export async function listOperations(db: Db, filter: OperationFilter = {}): Promise<Page<Operation>> {
  const where = whereOf(filter)
  const size = pageSize(filter.limit)
  const rows = await db.client.operation.findMany({
    where: { AND: [where, afterCursor(filter.cursor)] },
    orderBy: newestFirst,
    take: size + 1,
    include,
  })
  const total = await totalOf(rows, filter, () => db.client.operation.count({ where }))
  return toPage(rows.map(toOperation), size, total)
}

function whereOf(filter: OperationFilter): Prisma.OperationWhereInput {
  const { verb, targetName, requestedBy, fromMs: from, untilMs: until } = filter
  return {
    ...(filter.workspace === undefined ? {} : { workspace: filter.workspace }),
    ...(filter.targetUid === undefined ? {} : { targetUid: filter.targetUid }),
    ...(filter.statuses === undefined ? {} : { status: { in: [...filter.statuses] } }),
    ...(filter.search === undefined
      ? {}
      : { OR: [{ targetName: { contains: filter.search } }, { verb: { contains: filter.search } }] }),
    ...(verb === undefined ? {} : { verb }),
    ...(targetName === undefined ? {} : { targetName }),
    ...(requestedBy === undefined ? {} : { requestedBy: { in: [...requestedBy] } }),
    createdAtMs: {
      ...(from === undefined ? {} : { gte: fromMs(from) }),
      ...(until === undefined ? {} : { lt: fromMs(until) }),
    },
  }
}

/** Says where the operation is, in a person's words, with an event when that changed. @throws STALE_LEASE, NOT_FOUND. */
export async function setOperationPhase(
  tx: Tx,
  uid: string,
  phase: string,
  guard: Guard = {},
): Promise<void> {
  const guarded = await checkGuard(tx, guard)
  const operation = await getOperation(tx, uid)
  if (operation.phase === phase) return
  const { count } = await tx.client.operation.updateMany({
    where: { uid, ...guarded },
    data: { phase, rowVersion: { increment: 1 } },
  })
  checkUpdated(count, `operation ${uid}`, guard)
  await appendEvent(tx, {
    kind: 'operation',
    uid,
    serviceName: operation.targetName,
    type: 'operation.progress',
    reason: 'PHASE',
    message: phase,
    cause: uid,
  })
}

/** Writes that somebody wants it undone, once, due at once, with its event. Actions only. @throws NOT_FOUND. */
export async function setOperationCancelled(
  tx: Tx,
  uid: string,
  { by, message }: { readonly by: string; readonly message: string },
): Promise<void> {
  const { count } = await tx.client.operation.updateMany({
    where: { uid },
    data: {
      cancelRequestedAtMs: fromMs(tx.clock.now()),
      cancelRequestedBy: by,
      rowVersion: { increment: 1 },
    },
  })
  checkUpdated(count, `operation ${uid}`, {})
  await wake(tx, uid)
  const { targetName } = await getOperation(tx, uid)
  await appendEvent(tx, {
    kind: 'operation',
    uid,
    serviceName: targetName,
    type: 'operation.progress',
    reason: 'CANCEL_REQUESTED',
    message,
    cause: uid,
    actor: by,
  })
}

const include = { reconciliation: true }

function toOperation({
  reconciliation,
  rowVersion,
  detailsVersion: _detailsVersion,
  ...row
}: Prisma.OperationGetPayload<{ include: typeof include }>): Operation {
  return {
    ...row,
    ...toReconciled(rowVersion, reconciliation),
    details: (row.details ?? {}) as Operation['details'],
    createdAtMs: toMs(row.createdAtMs),
    finishedAtMs: toMsOrNull(row.finishedAtMs),
    cancelRequestedAtMs: toMsOrNull(row.cancelRequestedAtMs),
  }
}
