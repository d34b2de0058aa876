import type { ServiceSummary, ServiceView } from '@skykeep/core/views'
import type { Session } from '../client/session.ts'
import { age } from '../output/age.ts'
import { toneOf } from '../output/paint.ts'
import { exitCodes } from './failure.ts'

/** `skykeep serve status [NAME]`: one service in full, or all in a table. Returns the exit code. */
export async function serveStatus(
  session: Session,
  name: string | undefined,
  options: { readonly json?: boolean },
): Promise<number> {
  if (name !== undefined) return await showOne(session, name, options.json === true)
  const services = await allServices(session)
  if (options.json === true) session.terminal.json(services)
  else showTable(session, services)
  return exitCodes.ok
}

/** Every service, read page by page. */
export async function allServices(session: Session): Promise<ServiceSummary[]> {
  const services: ServiceSummary[] = []
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<Session['api']['services']['list']['query']>> =
      await session.api.services.list.query({ limit: 200, cursor })
    services.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null)
  return services
}

export function showTable({ terminal }: Session, services: readonly ServiceSummary[]): void {
  if (services.length === 0) {
    terminal.print('No services yet. Serve one:')
    terminal.print('  npx skykeep serve up examples/hello/service.yaml')
    return
  }
  const now = Date.now()
  terminal.table(services, [
    { title: 'NAME', cell: (service) => service.name },
    { title: 'STATUS', cell: (service) => service.status, isStatus: true },
    { title: 'READY', cell: (service) => `${service.readyReplicas}/${service.targetReplicas}` },
    { title: 'VERSION', cell: (service) => String(service.version) },
    { title: 'ENDPOINT', cell: (service) => service.endpoint?.url ?? '-' },
    { title: 'UP', cell: (service) => age(service.createdAtMs, now) },
    { title: 'REASON', cell: reasonOf, isFlexible: true },
  ])
}

/** A service whose port something else holds is reached by nobody, ready or not. */
function reasonOf({ endpoint, statusReason }: ServiceSummary): string {
  if (endpoint?.status !== 'BLOCKED') return statusReason
  return [`endpoint BLOCKED: ${endpoint.statusReason}`, statusReason]
    .filter((reason) => reason !== '')
    .join('; ')
}

async function showOne(session: Session, name: string, isJson: boolean): Promise<number> {
  const service = await session.api.services.get.query({ name })
  if (isJson) session.terminal.json(jsonOf(service))
  else showService(session, service)
  return exitCodes.ok
}

/** The stable shape of `serve status --json`. */
function jsonOf(service: ServiceView): object {
  return {
    name: service.name,
    uid: service.uid,
    status: service.status,
    reason: service.statusReason,
    endpoint: service.endpoint?.url ?? null,
    endpointStatus: service.endpoint?.status ?? null,
    versions: service.versions.map(({ version, createdAtMs, createdBy }) => ({
      version,
      createdAtMs,
      createdBy,
    })),
    version: service.version,
    target: service.targetReplicas,
    ready: service.readyReplicas,
    replicas: service.replicas.map((replica) => ({
      id: replica.id,
      uid: replica.uid,
      status: replica.status,
      outcome: replica.outcome,
      version: replica.version,
      infra: replica.infra,
      endpoint: replica.endpoint,
      pid: replica.pid,
      notReadyReason: replica.notReadyReason,
      exitCode: replica.exitCode,
    })),
    unfinishedRequests: service.unfinishedRequests,
    recoveryReports: service.recoveryReports,
  }
}

function showService({ terminal }: Session, service: ServiceView): void {
  const now = Date.now()
  const status = terminal.paint(toneOf(service.status), service.status)
  terminal.print(`${terminal.paint('bold', service.name)}  ${status}  ${service.statusReason}`.trimEnd())
  const { endpoint } = service
  const blocked =
    endpoint?.status === 'BLOCKED'
      ? `  ${terminal.paint(toneOf('BLOCKED'), 'BLOCKED')}: ${endpoint.statusReason}`
      : ''
  terminal.print(`endpoint  ${endpoint?.url ?? '-'}${blocked}`)
  terminal.print(
    `version   ${service.version}   replicas ${service.readyReplicas}/${service.targetReplicas} ready   policy ${service.loadBalancingPolicy}`,
  )
  terminal.print('')
  terminal.table(service.replicas, [
    { title: 'ID', cell: (replica) => String(replica.id) },
    { title: 'STATUS', cell: (replica) => replica.outcome ?? replica.status, isStatus: true },
    { title: 'VERSION', cell: (replica) => String(replica.version) },
    { title: 'INFRA', cell: (replica) => replica.infra },
    { title: 'ENDPOINT', cell: (replica) => replica.endpoint ?? '-' },
    { title: 'PID', cell: (replica) => (replica.pid === null ? '-' : String(replica.pid)) },
    { title: 'SINCE', cell: (replica) => age(replica.statusChangedAtMs, now) },
    { title: 'WHY NOT READY', cell: (replica) => replica.notReadyReason ?? '', isFlexible: true },
  ])
  if (service.unfinishedRequests.length === 0) return
  terminal.print('')
  terminal.print('Unfinished requests:')
  terminal.table(service.unfinishedRequests, [
    { title: 'METHOD', cell: (request) => request.method },
    { title: 'PATH', cell: (request) => request.path, isFlexible: true },
    { title: 'KIND', cell: (request) => request.kind },
    { title: 'STARTED', cell: (request) => `${age(request.sinceMs, now)} ago` },
  ])
}
