import type { RecoveryReportView, ServiceView, SystemView } from '@skykeep/core/views'
import { toneOf } from '../output/paint.ts'
import { patiently } from './outage.ts'
import type { Session } from './session.ts'

/** A worker that has just started takes a service over within this time, milliseconds. */
const patienceMs = 15_000
const lookMs = 200

/**
 * Where this verb started the plane: what that found of the service, as its recovery report says. Says nothing where the plane ran before,
 * and where no report comes in time.
 */
export async function sayRecovery(session: Session, name: string): Promise<void> {
  const { startedAtMs, terminal } = session
  if (startedAtMs === null) return
  const deadline = performance.now() + patienceMs
  while (performance.now() < deadline) {
    const service = await patiently(session, () => session.api.services.get.query({ name }))
    const report = service.recoveryReports.find(({ atMs }) => atMs >= startedAtMs)
    if (report !== undefined) {
      for (const line of linesOf(report)) terminal.note(line)
      return
    }
    await new Promise((resolve) => setTimeout(resolve, lookMs))
  }
}

function linesOf(report: RecoveryReportView): readonly string[] {
  const adopted = report.adoptedReplicas.length
  const lines = [
    `found   ${adopted} of ${report.targetReplicas} ${report.targetReplicas === 1 ? 'replica' : 'replicas'} running, adopted as they are${listed(report.adoptedReplicas)}`,
  ]
  const more: readonly (readonly [string, readonly string[]])[] = [
    ['launches resumed', report.resumedLaunches],
    ['teardowns resumed', report.resumedTeardowns],
    ['without a row', report.orphans],
  ]
  for (const [what, names] of more) if (names.length > 0) lines.push(`        ${what}${listed(names)}`)
  const lost = report.unfinishedRequests.length
  if (lost > 0) lines.push(`        ${lost} requests were cut off; see \`npx skykeep serve status\``)
  return lines
}

const shownMax = 8

function listed(names: readonly string[]): string {
  if (names.length === 0) return ''
  const more = names.length > shownMax ? ` and ${names.length - shownMax} more` : ''
  return `: ${names.slice(0, shownMax).join(', ')}${more}`
}

/** For a service whose controller does not look after it: why, and what is being done about it. */
export async function sayTrouble({ api, terminal }: Session, name: string): Promise<void> {
  const service: ServiceView | undefined = await api.services.get.query({ name }).catch(() => undefined)
  if (service?.status !== 'CONTROLLER_FAILED') return
  terminal.note(`  ${terminal.paint(toneOf(service.status), service.status)}  ${service.statusReason}`)
  if (service.statusReason.startsWith('set aside')) return
  terminal.note(`  ${whatIsDone(await api.system.status.query())}`)
}

function whatIsDone({ processes }: SystemView): string {
  const stateOf = (name: string): string | undefined =>
    processes.find((process) => process.name === name)?.state
  if (stateOf('worker') === 'running')
    return 'the worker runs: it takes the service up as soon as it comes to it'
  if (stateOf('supervisor') === 'running')
    return 'the worker is gone: the supervisor starts it again, and it takes the service up'
  return 'the worker is gone, and nobody starts it again: run `npx skykeep up` on this machine'
}
