import { SkykeepError } from '@skykeep/core/errors'
import type { ServiceSummary } from '@skykeep/core/views'
import { serviceGoesOn } from '../client/goes-on.ts'
import type { Session } from '../client/session.ts'
import { age } from '../output/age.ts'
import { serviceJson } from '../output/service-json.ts'
import { showService } from '../output/service-text.ts'
import type { Terminal } from '../output/terminal.ts'
import { showFound } from '../output/watching.ts'
import type { Watch } from '../program/group.ts'
import { exitCodes } from './failure.ts'

export interface ServeStatusOptions extends Watch {
  /** Only the URL, as SkyPilot's `--endpoint`. */
  readonly endpoint?: boolean
}

/** `skykeep serve status [NAME]`: one service in full, or all in a table. Returns the exit code. */
export async function serveStatus(
  session: Session,
  name: string | undefined,
  options: ServeStatusOptions,
): Promise<number> {
  if (options.endpoint === true) return await showEndpoint(session, name)
  return await showFound(session, options, async () => {
    if (name === undefined) {
      const services = await allServices(session)
      return { json: services, show: (terminal) => showServices(terminal, services) }
    }
    const service = await session.api.services.get.query({ name })
    return {
      json: serviceJson(service),
      show: (terminal) => showService(terminal, service),
      goesOn: serviceGoesOn(name),
    }
  })
}

async function showEndpoint({ api, terminal }: Session, name: string | undefined): Promise<number> {
  if (name === undefined) {
    throw new SkykeepError('INVALID_INPUT', '--endpoint needs the name of a service', {
      hint: 'Run `skykeep serve status NAME --endpoint`.',
    })
  }
  const { endpoint } = await api.services.get.query({ name })
  if (endpoint === null) {
    throw new SkykeepError('NOT_FOUND', `${name} has no endpoint yet`, {
      hint: `See \`skykeep serve status ${name}\`.`,
    })
  }
  terminal.print(endpoint.url)
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

export function showServices(terminal: Terminal, services: readonly ServiceSummary[]): void {
  if (services.length === 0) {
    terminal.print('No services yet. Serve one:')
    terminal.print('  npx skykeep serve up examples/hello/service.yaml')
    return
  }
  const now = Date.now()
  terminal.table(services, [
    { title: 'NAME', cell: (service) => service.name, isKept: true },
    { title: 'STATUS', cell: (service) => service.status, isStatus: true },
    { title: 'READY', cell: (service) => `${service.readyReplicas}/${service.targetReplicas}` },
    { title: 'VERSION', cell: (service) => String(service.version) },
    { title: 'ENDPOINT', cell: (service) => service.endpoint?.url ?? '-', isKept: true },
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
