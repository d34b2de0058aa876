import type { ScalingDecision } from '@skykeep/core/nouns'
import { placeWithin } from '@skykeep/core/place'
import { takenOutWords } from '@skykeep/core/taken-out'
import type { ReplicaView, ServiceView } from '@skykeep/core/views'
import { age } from './age.ts'
import { toneOf } from './paint.ts'
import { rolloutProgress, rolloutText } from './rollout-text.ts'
import { scheduleLines } from './schedule-text.ts'
import type { Column } from './table.ts'
import type { Terminal } from './terminal.ts'

/** One service in full: what it is, why, and each of its replicas. */
export function showService(terminal: Terminal, service: ServiceView): void {
  const now = Date.now()
  const status = terminal.paint(toneOf(service.status), service.status)
  terminal.print(`${terminal.paint('bold', service.name)}  ${status}  ${service.statusReason}`.trimEnd())
  for (const line of headLines(terminal, service, now)) terminal.print(line)
  terminal.print('')
  terminal.table(service.replicas, replicaColumns(service.replicas, now))
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

function headLines(terminal: Terminal, service: ServiceView, now: number): readonly string[] {
  const { endpoint, readySinceMs, isPaused, schedule } = service
  const blocked =
    endpoint?.status === 'BLOCKED'
      ? `  ${terminal.paint(toneOf('BLOCKED'), 'BLOCKED')}: ${endpoint.statusReason}`
      : ''
  const uptime = readySinceMs === null ? '' : `   ready for ${age(readySinceMs, now)}`
  return [
    `endpoint  ${endpoint?.url ?? '-'}${blocked}`,
    `version   ${service.version}${wishOf(service)}   replicas ${service.readyReplicas}/${service.targetReplicas} ready${boundsOf(service)}   policy ${service.loadBalancingPolicy}${uptime}`,
    ...(schedule === null && !isPaused ? [] : scheduleLines(service)),
    ...rolloutLines(terminal, service),
    ...decisionLines(service.decisions[0], now),
    ...service.replicas.flatMap((replica) => takenOutLines(terminal, replica, now)),
  ]
}

function wishOf({ version, desiredVersion, stableVersion }: ServiceView): string {
  const words = [
    desiredVersion === version ? '' : `${desiredVersion} was asked for`,
    stableVersion === version || stableVersion === 0 ? '' : `${stableVersion} is stable`,
  ].filter(Boolean)
  return words.length === 0 ? '' : ` (${words.join(', ')})`
}

function boundsOf({ minReplicas, maxReplicas, scalingMetric }: ServiceView): string {
  return scalingMetric === 'fixed'
    ? ''
    : ` (${minReplicas} to ${maxReplicas} by ${scalingMetric.replace('_', ' ')})`
}

/** The rollout that is under way, or the last one where it did not come through. */
function rolloutLines(terminal: Terminal, { rollouts }: ServiceView): readonly string[] {
  const [latest] = rollouts
  if (latest === undefined || latest.status === 'SUCCEEDED' || latest.status === 'SUPERSEDED') return []
  const status = terminal.paint(toneOf(latest.status), latest.status)
  const progress = rolloutProgress(latest)
  return [`rollout   ${status}  ${rolloutText(latest)}${progress === '' ? '' : `  (${progress})`}`]
}

function decisionLines(decision: ScalingDecision | undefined, now: number): readonly string[] {
  if (decision === undefined) return []
  const { fromReplicas, toReplicas, message, reason, terms, atMs } = decision
  const shown = Object.entries(terms).map(([name, value]) => `${name} ${JSON.stringify(value)}`)
  return [
    `scaling   ${fromReplicas} → ${toReplicas}  ${message || reason}  (${age(atMs, now)} ago)`,
    ...(shown.length === 0 ? [] : [`          ${shown.join(', ')}`]),
  ]
}

/** Its status says what its probe says; that it gets no request all the same is for the gateway to say. */
function takenOutLines(
  terminal: Terminal,
  { id, status, takenOut }: ReplicaView,
  now: number,
): readonly string[] {
  if (takenOut === null) return []
  const { reason, sinceMs } = takenOut
  const shown = terminal.paint(toneOf(status), status)
  return [`replica ${id} ${shown}, ${takenOutWords(takenOut)} for ${age(sinceMs, now)}: ${reason}`]
}

/** Place, price and spot are shown where a replica has any. */
function replicaColumns(replicas: readonly ReplicaView[], now: number): readonly Column<ReplicaView>[] {
  const isElsewhere = replicas.some(({ infra }) => infra !== 'local')
  const place: readonly Column<ReplicaView>[] = [
    { title: 'ZONE', cell: (replica) => placeWithin(replica) || '-' },
    {
      title: 'TYPE',
      cell: ({ instanceType, accelerator }) => [instanceType, accelerator].filter(Boolean).join(' ') || '-',
    },
    { title: 'SPOT', cell: ({ isSpot }) => (isSpot ? 'spot' : '-') },
    {
      title: '$/H',
      cell: ({ priceUsdPerHour }) => (priceUsdPerHour === 0 ? '-' : priceUsdPerHour.toFixed(3)),
    },
  ]
  return [
    { title: 'ID', cell: ({ id }) => String(id) },
    { title: 'STATUS', cell: ({ outcome, status }) => outcome ?? status, isStatus: true },
    { title: 'VERSION', cell: ({ version }) => String(version) },
    { title: 'INFRA', cell: ({ infra }) => infra },
    ...(isElsewhere ? place : []),
    { title: 'ENDPOINT', cell: ({ endpoint }) => endpoint ?? '-' },
    { title: 'PID', cell: ({ pid }) => (pid === null ? '-' : String(pid)) },
    { title: 'SINCE', cell: ({ statusChangedAtMs }) => age(statusChangedAtMs, now) },
    { title: 'WHY NOT READY', cell: ({ notReadyReason }) => notReadyReason ?? '', isFlexible: true },
  ]
}
