import type { Session } from '../client/session.ts'
import { toneOf } from '../output/paint.ts'
import { exitCodes } from './failure.ts'
import { showOperations } from './ops.ts'
import { allServices, showTable } from './serve-status.ts'

/** `skykeep status`: what runs and what is wrong, at a glance. */
export async function status(session: Session, options: { readonly json?: boolean }): Promise<number> {
  const [overview, services] = await Promise.all([session.api.system.overview.query(), allServices(session)])
  const { terminal } = session
  if (options.json === true) {
    terminal.json({ ...overview, serviceList: services })
    return exitCodes.ok
  }
  for (const problem of overview.problems) {
    terminal.print(`${terminal.paint('red', 'problem')}  ${problem.title}: ${problem.detail}`)
  }
  showTable(session, services)
  if (overview.runningOperations.length > 0) {
    terminal.print('')
    showOperations(session, overview.runningOperations)
  }
  return exitCodes.ok
}

/** `skykeep system status`: the parts of the control plane itself. */
export async function systemStatus(session: Session, options: { readonly json?: boolean }): Promise<number> {
  const system = await session.api.system.status.query()
  const { terminal } = session
  if (options.json === true) {
    terminal.json(system)
    return exitCodes.ok
  }
  terminal.print(`persistent path  ${system.persistentPath}`)
  terminal.print(
    `database         ${system.database.kind}  ${system.database.location}  (${system.database.migration})`,
  )
  terminal.print(
    `role             ${system.role}  fence ${system.fence}  installation ${system.installationId}`,
  )
  const { storage, gateway } = system
  const storageText = storage.state === 'ok' ? 'ok' : `degraded: ${storage.reason}`
  const reserve = `${Math.floor(storage.reserveBytes / 2 ** 20)} MiB in reserve`
  const free = `${(storage.freeBytes / 2 ** 30).toFixed(1)} GiB free, ${reserve}`
  terminal.print(
    `storage          ${terminal.paint(storage.state === 'ok' ? 'green' : 'red', storageText)}  ${free}`,
  )
  terminal.print(
    `gateway          table ${gateway.ackedVersion} of ${gateway.tableVersion} acknowledged  ports ${gateway.ports.join(', ') || '-'}`,
  )
  if (system.pathProblem !== null)
    terminal.print(`path             ${terminal.paint('red', system.pathProblem)}`)
  terminal.print('')
  terminal.table(system.processes, [
    { title: 'PROCESS', cell: (process) => process.name },
    { title: 'STATE', cell: (process) => process.state, isStatus: true },
    { title: 'PID', cell: (process) => String(process.pid) },
    { title: 'PORT', cell: (process) => (process.port === null ? '-' : String(process.port)) },
    { title: 'BUILD', cell: (process) => process.build, isFlexible: true },
  ])
  for (const row of system.setAside) {
    terminal.print(`${terminal.paint(toneOf('FAILED'), 'set aside')}  ${row.kind} ${row.uid}: ${row.reason}`)
  }
  return exitCodes.ok
}
