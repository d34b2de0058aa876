import type { Replica } from '@skykeep/core/nouns'
import type { ReplicaStatus } from '@skykeep/core/statuses'
import type { TakenOutView } from '@skykeep/core/taken-out'
import type { ReplicaView } from '@skykeep/core/views'

const waitingFor: Readonly<Record<ReplicaStatus, string | null>> = {
  READY: null,
  PENDING: 'waiting to be launched',
  PROVISIONING: 'getting its node ready',
  STARTING: 'started; its readiness probe has not succeeded yet',
  NOT_READY: 'its readiness probe fails',
  DRAINING: 'finishing its requests before it stops',
  SHUTTING_DOWN: 'being stopped',
  TERMINATED: 'ended',
}

/** What people see of a replica; pure. */
export function toReplicaView(replica: Replica, takenOut: TakenOutView | null): ReplicaView {
  return {
    uid: replica.uid,
    id: replica.replicaId,
    status: replica.status,
    outcome: replica.outcome,
    version: replica.version,
    infra: replica.infra,
    region: replica.region,
    zone: replica.zone,
    instanceType: replica.instanceType,
    accelerator: replica.accelerator,
    isSpot: replica.isSpot,
    priceUsdPerHour: replica.priceUsdPerHour,
    endpoint: replica.host === null || replica.port === null ? null : `${replica.host}:${replica.port}`,
    pid: replica.pid,
    notReadyReason: notReadyReasonOf(replica),
    takenOut,
    createdAtMs: replica.createdAtMs,
    statusChangedAtMs: replica.statusChangedAtMs,
    exitCode: replica.exitCode,
  }
}

/** How it ended, where no reason says so in words. */
function endOf({ outcome, exitCode }: Replica): readonly string[] {
  return [outcome === null ? '' : `outcome ${outcome}`, exitCode === null ? '' : `exit code ${exitCode}`]
}

/** One sentence on why a replica takes no requests; null when it does. */
export function notReadyReasonOf(replica: Replica): string | null {
  const waiting = waitingFor[replica.status]
  if (waiting === null) return null
  const facts = [
    replica.setAsideReason === null ? '' : `set aside: ${replica.setAsideReason}`,
    replica.failureReason === null ? '' : `the last step failed and is tried again: ${replica.failureReason}`,
    replica.statusReason,
    replica.unwantedReason,
    ...(replica.statusReason === '' ? endOf(replica) : []),
    replica.status === 'NOT_READY' && replica.probeFailures > 0
      ? `${replica.probeFailures} probes in a row over ${Math.round(replica.probeFailureMs / 1000)} s`
      : '',
  ]
  const details = [...new Set(facts.filter((fact) => fact !== ''))].join('; ')
  return details === '' ? waiting : `${waiting}: ${details}`
}
