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
    terminal.table(
      state.services.flatMap(({ name, status, desiredVersion, replicas }) => {
        const service = { name, status, version: desiredVersion === null ? '?' : String(desiredVersion) }
        const rows = replicas.map((row) => ({
          name: `  ${name}-${row.id}`,
          status: row.status,
          version: String(row.version),
        }))
        return [service, ...rows]
      }),
      [
        { title: 'NAME', cell: (row) => row.name, isKept: true },
        { title: 'STATUS', cell: (row) => row.status, isStatus: true },
        { title: 'VERSION', cell: (row) => row.version },
      ],
    )
  return exitCodes.ok
}
