import type { StateAtView } from '@skykeep/core/event-views'
import { momentOf } from '../client/moment.ts'
import type { Session } from '../client/session.ts'
import type { Json } from '../program/group.ts'
import { exitCodes } from './failure.ts'

/** `skykeep events --at TIME`: services and replicas as the log tells that they were. Returns the exit code. */
export async function stateAt({ api, terminal }: Session, time: string, { json }: Json): Promise<number> {
  const atMs = momentOf('--at', time, Date.now())
  const state = await api.events.stateAt.query({ atMs })
  if (json === true) {
    terminal.json(state)
    return exitCodes.ok
  }
  terminal.print(`at ${new Date(atMs).toISOString()}, after event ${state.seq}`)
  if (state.services.length === 0) terminal.print('There was no service then.')
  else
    terminal.table(rowsOf(state.services), [
      { title: 'NAME', cell: (row) => row.name, isKept: true },
      { title: 'STATUS', cell: (row) => row.status, isStatus: true },
      { title: 'VERSION', cell: (row) => row.version },
    ])
  for (const { name, desiredVersionReason } of state.services)
    if (desiredVersionReason !== null)
      terminal.print(`The version of ${name} is not known: ${desiredVersionReason}.`)
  return exitCodes.ok
}

interface Row {
  readonly name: string
  readonly status: string
  readonly version: string
}

/** Each service with its replicas beneath it. */
function rowsOf(services: StateAtView['services']): readonly Row[] {
  const rows: Row[] = []
  for (const { name, status, desiredVersion, replicas } of services) {
    rows.push({ name, status, version: desiredVersion === null ? '' : String(desiredVersion) })
    for (const row of replicas)
      rows.push({ name: `  ${name}-${row.id}`, status: row.status, version: String(row.version) })
  }
  return rows
}
