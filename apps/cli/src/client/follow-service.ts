import type { ServiceView, OperationDetailView } from '@skykeep/core/views'
import { toneOf } from '../output/paint.ts'
import type { Session } from './session.ts'

/** Prints what changes on the way of an operation, each line once. Ends with the operation; throws what the API throws. */
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
  for (;;) {
    const operation = await session.api.operations.get.query({ uid: operationUid })
    const service = await session.api.services.get.query({ name: serviceName }).catch(() => undefined)
    if (service !== undefined)
      for (const line of [...replicaLines(session, service), ...troubleLines(session, service)]) say(line)
    if (operation.finishedAtMs !== null) return operation
    await nextChange(session)
  }
}

function replicaLines(session: Session, service: ServiceView): string[] {
  return service.replicas
    .toSorted((a, b) => a.id - b.id)
    .map((replica) => {
      const status = session.terminal.paint(toneOf(replica.status), replica.status.padEnd(13))
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

const longestWaitMs = 2000

/** Waits for the next event of the plane's stream; the bound covers a plane that was restarted meanwhile. */
function nextChange(session: Session): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      subscription.unsubscribe()
      resolve()
    }
    const timer = setTimeout(done, longestWaitMs)
    const subscription = session.api.watch.events.subscribe({}, { onData: done, onError: () => undefined })
  })
}

/** True once the endpoint gives any answer that is not a gateway's own refusal. Waits at most `patienceMs`. */
export async function untilEndpointAnswers(url: string, patienceMs = 10_000): Promise<boolean> {
  const deadline = performance.now() + patienceMs
  while (performance.now() < deadline) {
    const status = await fetch(url, { signal: AbortSignal.timeout(5000) })
      .then(async (response) => {
        await response.body?.cancel()
        return response.status
      })
      .catch(() => 0)
    if (status !== 0 && status !== 502 && status !== 503) return true
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  return false
}
