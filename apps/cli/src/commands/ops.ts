import type { OperationView } from '@skykeep/core/views'
import type { Session } from '../client/session.ts'
import { age, clockTime } from '../output/age.ts'
import { exitCodes } from './failure.ts'

export interface OpsOptions {
  readonly json?: boolean
  readonly limit?: number
}

/** `skykeep ops [UID]`: the latest requests, or one with what happened on its way. */
export async function ops(session: Session, uid: string | undefined, options: OpsOptions): Promise<number> {
  if (uid !== undefined) return await showOperation(session, uid, options)
  const page = await session.api.operations.list.query({ limit: options.limit ?? 20 })
  if (options.json === true) session.terminal.json(page.items)
  else if (page.items.length === 0) session.terminal.print('No operations yet.')
  else showOperations(session, page.items)
  return exitCodes.ok
}

/** `skykeep ops retry UID`: tries again what was set aside, with what of its service was. Returns the exit code. */
export async function retryOperation(
  session: Session,
  uid: string,
  options: Pick<OpsOptions, 'json'>,
): Promise<number> {
  const asked = await session.api.operations.retry.mutate({ uid })
  if (options.json === true) session.terminal.json(asked)
  else session.terminal.print(`tried again  ${asked.name}  (${asked.operationUid})`)
  return exitCodes.ok
}

export function showOperations({ terminal }: Session, operations: readonly OperationView[]): void {
  const now = Date.now()
  terminal.table(operations, [
    { title: 'OPERATION', cell: (operation) => operation.uid },
    { title: 'VERB', cell: (operation) => operation.verb },
    { title: 'TARGET', cell: (operation) => operation.targetName },
    { title: 'STATUS', cell: (operation) => operation.status, isStatus: true },
    { title: 'BY', cell: (operation) => operation.requestedBy },
    { title: 'AGE', cell: (operation) => age(operation.createdAtMs, now) },
    { title: 'PHASE', cell: (operation) => operation.statusReason || operation.phase, isFlexible: true },
  ])
}

async function showOperation(session: Session, uid: string, options: OpsOptions): Promise<number> {
  const operation = await session.api.operations.get.query({ uid })
  if (options.json === true) {
    session.terminal.json(operation)
    return exitCodes.ok
  }
  showOperations(session, [operation])
  for (const event of operation.events) {
    session.terminal.print(`  ${clockTime(event.atMs)}  ${event.message || event.reason}`)
  }
  return exitCodes.ok
}
