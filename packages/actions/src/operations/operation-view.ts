import type { Operation } from '@skykeep/core/nouns'
import type { OperationView } from '@skykeep/core/views'
import type { Db } from '@skykeep/db/handles'
import { userNames } from '@skykeep/db/users'

/** The operations as people see them: who asked by name. */
export async function toOperationViews(
  db: Db,
  operations: readonly Operation[],
): Promise<readonly OperationView[]> {
  const names = await userNames(
    db,
    operations.flatMap(({ requestedBy, cancelRequestedBy }) => [requestedBy, cancelRequestedBy]),
  )
  return operations.map((operation) => ({
    uid: operation.uid,
    verb: operation.verb,
    targetKind: operation.targetKind,
    targetName: operation.targetName,
    status: operation.status,
    statusReason: operation.statusReason,
    phase: operation.phase,
    requestedBy: names.get(operation.requestedBy) ?? operation.requestedBy,
    createdAtMs: operation.createdAtMs,
    finishedAtMs: operation.finishedAtMs,
    cancelRequestedAtMs: operation.cancelRequestedAtMs,
    cancelRequestedBy: names.get(operation.cancelRequestedBy) ?? operation.cancelRequestedBy,
    setAsideReason: operation.setAsideReason,
  }))
}
