import type { ServiceView, OperationDetailView } from '@skykeep/core/views'
import { toneOf } from '../output/paint.ts'
import { rolloutText } from '../output/rollout-text.ts'
import { Changes } from './changes.ts'
import { patiently } from './outage.ts'
import type { Session } from './session.ts'

/** Prints what changes on the way of an operation, each line once. Ends with the operation; throws what the API throws, and UNAVAILABLE where the plane does not come back. */
export async function followOperation(
  session: Session,
  operationUid: string,
  serviceName: string,
): Promise<OperationDetailView> {
  const said = new Set<string>()
  const say = (line: string): void => {
    if (said.has(line)) return
    said.add(line)
    session.terminal.note(line)
  }
  const changes = new Changes(session)
  try {
    for (;;) {
      const operation = await patiently(session, () =>
        session.api.operations.get.query({ uid: operationUid }),
      )
      const service = await session.api.services.get.query({ name: serviceName }).catch(() => undefined)
      if (service !== undefined) for (const line of linesOf(session, service, operation)) say(line)
      if (operation.finishedAtMs !== null) return operation
      await changes.next()
    }
  } finally {
    changes.close()
  }
}

function linesOf(session: Session, service: ServiceView, operation: OperationDetailView): readonly string[] {
  return [
    ...rolloutLines(session, service, operation.uid),
    ...replicaLines(session, service, operation.createdAtMs),
    ...troubleLines(session, service),
  ]
}

/** The rollout that the operation follows, and how many replicas of each task are ready. */
function rolloutLines({ terminal }: Session, service: ServiceView, operationUid: string): readonly string[] {
  const rollout = service.rollouts.find((each) => each.operationUid === operationUid)
  if (rollout === undefined) return []
  const status = terminal.paint(toneOf(rollout.status), rollout.status.padEnd(13))
  const living = service.replicas.filter(({ status: replica }) => replica !== 'TERMINATED')
  const versions = [...new Set(living.map(({ version }) => version))].toSorted((a, b) => a - b)
  const counts = versions.map((version) => {
    const own = living.filter((replica) => replica.version === version)
    return `version ${version}: ${own.filter((replica) => replica.status === 'READY').length} of ${own.length} ready`
  })
  const lines = [`  rollout    ${status} ${rolloutText(rollout)}`]
  if (counts.length > 0) lines.push(`  ${counts.join(', ')}`)
  return lines
}

/** Each replica that there was since the operation began. */
function replicaLines({ terminal }: Session, service: ServiceView, sinceMs: number): readonly string[] {
  return service.replicas
    .filter(({ status, statusChangedAtMs }) => status !== 'TERMINATED' || statusChangedAtMs >= sinceMs)
    .toSorted((a, b) => a.id - b.id)
    .map((replica) => {
      const status = terminal.paint(toneOf(replica.status), replica.status.padEnd(13))
      const where = replica.endpoint === null ? replica.infra : `${replica.infra} ${replica.endpoint}`
      const why = replica.notReadyReason === null ? '' : `  ${replica.notReadyReason}`
      return `  replica ${replica.id}  ${status} ${where}${why}`.trimEnd()
    })
}

/** What the wait is for where it is not a replica: a port that something else holds (invariant 16), a worker that is gone. */
export function troubleLines({ terminal }: Session, service: ServiceView): string[] {
  const { endpoint, status, statusReason } = service
  const lines: string[] = []
  if (status === 'CONTROLLER_FAILED') {
    // Without its seconds, which count on: each trouble is said once.
    const reason = statusReason.replace(/ for \d+ s;.*/, ' for a while')
    lines.push(`  ${terminal.paint(toneOf(status), status)}  ${reason}; see \`npx skykeep status\``)
  }
  if (endpoint?.status === 'BLOCKED') {
    const blocked = terminal.paint(toneOf('BLOCKED'), 'BLOCKED'.padEnd(13))
    lines.push(`  endpoint   ${blocked} ${endpoint.url}  ${endpoint.statusReason}`)
  }
  return lines
}
