import type { OverviewView, ProcessView, ServiceSummary, SystemView } from '@skykeep/core/views'

export type Problem = OverviewView['problems'][number]

export interface ProblemSources {
  readonly storage: SystemView['storage']
  readonly processes: readonly ProcessView[]
  readonly services: readonly ServiceSummary[]
  readonly setAside: SystemView['setAside']
  readonly pathProblem?: SystemView['pathProblem']
}

/** What is wrong now, most urgent first: the disk, then services, then our own processes, then rows that were set aside. Pure. */
export function problemsOf({
  storage,
  processes,
  services,
  setAside,
  pathProblem = null,
}: ProblemSources): readonly Problem[] {
  return [
    ...(storage.state === 'ok'
      ? []
      : [{ title: 'Storage is degraded', detail: storage.reason, href: '/system' }]),
    ...(pathProblem === null
      ? []
      : [{ title: 'config.yaml names another path', detail: pathProblem, href: '/system' }]),
    ...services.flatMap(problemsOfService),
    ...processes
      .filter(({ state }) => state !== 'running' && state !== 'draining')
      .map((process) => ({
        title: `${process.name} is ${process.state}`,
        detail: `Process ${process.pid}; the supervisor restarts it.`,
        href: '/system',
      })),
    ...setAside.map((row) => ({
      title: `A ${row.kind} was set aside`,
      detail: `${row.uid}: ${row.reason}`,
      href: '/system',
    })),
  ]
}

function problemsOfService(service: ServiceSummary): readonly Problem[] {
  const href = `/services/${encodeURIComponent(service.name)}`
  const isFailed = service.status === 'FAILED' || service.status === 'CONTROLLER_FAILED'
  return [
    ...(isFailed
      ? [{ title: `${service.name}: ${service.status}`, detail: service.statusReason, href }]
      : []),
    ...(service.endpoint?.status === 'BLOCKED'
      ? [
          {
            title: `${service.name}: port ${service.endpoint.port} is held by something else`,
            detail: service.endpoint.statusReason,
            href,
          },
        ]
      : []),
  ]
}
