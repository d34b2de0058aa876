import type { NewEvent } from '@skykeep/db/events'
import type { workerMetrics } from '@skykeep/telemetry/metrics/control-plane'
import type { Instruments } from '@skykeep/telemetry/metrics/registry'
import { workerClock } from './worker-clock.ts'

/** Counts what this process has committed: the log of events is what every other figure comes from, too. */
export function countEvents(of: Instruments<typeof workerMetrics>): (event: NewEvent) => void {
  const createdAtMs = new Map<string, number>()

  const countReplica = ({ uid, serviceName: service = '', from, to, reason = '' }: NewEvent): void => {
    if (to === 'PROVISIONING') of.replicaStarts.inc({ service })
    const leavesService = to === 'SHUTTING_DOWN' || (to === 'TERMINATED' && from === 'PENDING')
    if (leavesService) of.replicaDeaths.inc({ service, reason })
    const createdMs = createdAtMs.get(uid)
    if (to === 'READY' && from === 'STARTING' && createdMs !== undefined)
      of.replicaReadySeconds.observe({ service }, (workerClock.monotonicMs() - createdMs) / 1_000)
    if (to === 'READY' || leavesService) createdAtMs.delete(uid)
  }

  return (event) => {
    const { type, kind, uid, serviceName: service = '', from, to } = event
    if (type === 'replica.created') createdAtMs.set(uid, workerClock.monotonicMs())
    if (type === 'service.scaled')
      of.scalingDecisions.inc({ service, direction: Number(to) > Number(from) ? 'up' : 'down' })
    if (type !== 'status.changed') return
    of.transitions.inc({ kind, from: from ?? '', to: to ?? '' })
    if (kind === 'replica') countReplica(event)
  }
}
