import type { OverviewView, ServiceSummary, SystemView } from '@skykeep/core/views'
import type { Session } from '../client/session.ts'
import { age } from '../output/age.ts'
import { toneOf } from '../output/paint.ts'
import type { Terminal } from '../output/terminal.ts'
import { showFound } from '../output/watching.ts'
import { flat } from '../output/width.ts'
import type { Watch } from '../program/group.ts'
import { showOperations } from './ops.ts'
import { allServices, showServices } from './serve-status.ts'

/** `skykeep status`: what runs and what is wrong, at a glance. Returns the exit code. */
export async function status(session: Session, options: Watch): Promise<number> {
  return await showFound(session, options, async () => {
    const [overview, services] = await Promise.all([
      session.api.system.overview.query(),
      allServices(session),
    ])
    return {
      json: { ...overview, serviceList: services },
      show: (terminal) => showOverview(terminal, overview, services),
    }
  })
}

function showOverview(
  terminal: Terminal,
  { problems, runningOperations }: OverviewView,
  services: readonly ServiceSummary[],
): void {
  for (const { title, detail } of problems)
    terminal.print(`${terminal.paint('red', 'problem')}  ${flat(`${title}: ${detail}`)}`)
  showServices(terminal, services)
  if (runningOperations.length > 0) {
    terminal.print('')
    showOperations(terminal, runningOperations)
  }
}

/** `skykeep system status`: the parts of the control plane itself. Returns the exit code. */
export async function systemStatus(session: Session, options: Watch): Promise<number> {
  return await showFound(session, options, async () => {
    const system = await session.api.system.status.query()
    return { json: system, show: (terminal) => showSystem(terminal, system) }
  })
}

function showSystem(terminal: Terminal, system: SystemView): void {
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
  for (const { name, drain } of system.processes) {
    if (drain === null) continue
    const carried = `${drain.connections} ${drain.connections === 1 ? 'connection' : 'connections'}`
    terminal.print(
      `draining   ${name} carries ${carried}, and ends with the last one, within ${age(0, drain.endsInMs)} at the latest`,
    )
  }
  for (const { name, faults } of system.processes) {
    for (const fault of faults) terminal.print(`${terminal.paint('red', 'fault')}      ${name}: ${fault}`)
  }
  for (const row of system.setAside) {
    terminal.print(`${terminal.paint(toneOf('FAILED'), 'set aside')}  ${row.kind} ${row.uid}: ${row.reason}`)
  }
}
