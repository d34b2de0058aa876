import type { OperationStatus } from '@skykeep/core/statuses'
import type { OperationDetailView, OperationView } from '@skykeep/core/views'
import { operationGoesOn } from '../client/goes-on.ts'
import type { Session } from '../client/session.ts'
import { age, clockTime } from '../output/age.ts'
import type { Terminal } from '../output/terminal.ts'
import { showFound } from '../output/watching.ts'
import { flat } from '../output/width.ts'
import type { Json, Watch } from '../program/group.ts'
import { exitCodes } from './failure.ts'

export interface OpsOptions extends Watch {
  readonly limit: number
}

/** `skykeep ops [UID]`: the latest requests, or one with what happened on its way, watched to its end. Returns the exit code. */
export async function ops(session: Session, uid: string | undefined, options: OpsOptions): Promise<number> {
  const { api } = session
  return await showFound(session, options, async () => {
    if (uid === undefined) {
      const { items } = await api.operations.list.query({ limit: options.limit })
      return { json: items, show: (terminal) => showList(terminal, items) }
    }
    const operation = await api.operations.get.query({ uid })
    const { finishedAtMs, status } = operation
    return {
      json: operation,
      show: (terminal) => showOperation(terminal, operation),
      goesOn: operationGoesOn(`${operation.verb} of ${operation.targetName}`, uid, takeBackOf(operation)),
      ...(finishedAtMs === null ? {} : { ended: exitCodeOf(status) }),
    }
  })
}

/** What is not cancelled is refused with what to do instead. */
function takeBackOf({ verb, uid }: OperationView): string {
  return `to cancel it, where ${verb} can be: \`skykeep ops cancel ${uid}\``
}

/** As SkyPilot's verbs end that wait for work. */
function exitCodeOf(status: OperationStatus): number {
  if (status === 'SUCCEEDED') return exitCodes.ok
  return status === 'CANCELLED' ? exitCodes.jobCancelled : exitCodes.jobFailed
}

/** `skykeep ops retry UID`: tries again what was set aside, with what of its service was. Returns the exit code. */
export async function retryOperation(session: Session, uid: string, options: Json): Promise<number> {
  const asked = await session.api.operations.retry.mutate({ uid })
  if (options.json === true) session.terminal.json(asked)
  else session.terminal.print(`tried again  ${asked.name}  (${asked.operationUid})`)
  return exitCodes.ok
}

/** `skykeep ops cancel UID`: has a request undone that is under way, and says what becomes of the service. Returns the exit code. */
export async function cancelOperation(session: Session, uid: string, options: Json): Promise<number> {
  const asked = await session.api.operations.cancel.mutate({ uid })
  if (options.json === true) session.terminal.json(asked)
  else {
    session.terminal.print(`cancelled  ${asked.name}  (${asked.operationUid})`)
    session.terminal.print(`${asked.message} Follow it with \`skykeep ops ${asked.operationUid} --watch\`.`)
  }
  return exitCodes.ok
}

function showList(terminal: Terminal, operations: readonly OperationView[]): void {
  if (operations.length === 0) terminal.print('No operations yet.')
  else showOperations(terminal, operations)
}

export function showOperations(terminal: Terminal, operations: readonly OperationView[]): void {
  const now = Date.now()
  terminal.table(operations, [
    { title: 'OPERATION', cell: (operation) => operation.uid, isKept: true },
    { title: 'VERB', cell: (operation) => operation.verb },
    { title: 'TARGET', cell: (operation) => operation.targetName },
    { title: 'STATUS', cell: (operation) => operation.status, isStatus: true },
    { title: 'BY', cell: (operation) => operation.requestedBy },
    { title: 'AGE', cell: (operation) => age(operation.createdAtMs, now) },
    { title: 'PHASE', cell: (operation) => operation.statusReason || operation.phase, isFlexible: true },
  ])
}

function showOperation(terminal: Terminal, operation: OperationDetailView): void {
  showOperations(terminal, [operation])
  for (const event of operation.events)
    terminal.print(`  ${clockTime(event.atMs)}  ${flat(event.message || event.reason)}`)
}
