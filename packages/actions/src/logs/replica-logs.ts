import type { Replica } from '@skykeep/core/nouns'
import { SkykeepError } from '@skykeep/core/errors'
import { findReplica } from '@skykeep/db/replica-numbers'
import { listReplicas } from '@skykeep/db/replicas'
import type { LogSource } from '@skykeep/logs/log-source'
import type { ActionContext } from '../context.ts'
import { livingService } from '../services/living-service.ts'
import { LivingLog } from './living-log.ts'

export interface ReplicaLog {
  readonly replicaId: number
  readonly log: LogSource
}

/** Ended replicas whose logs are looked at where nobody names any. */
const endedMax = 200

/**
 * The logs of the replicas that are named, else those of every replica that lives or is remembered, by number. Throws NOT_FOUND (the service,
 * a replica).
 */
export async function replicaLogs(
  context: ActionContext,
  service: string,
  replicaIds: readonly number[] | undefined,
): Promise<readonly ReplicaLog[]> {
  const { uid } = await livingService(context, context.db, service)
  const replicas =
    replicaIds === undefined
      ? await all(context, uid)
      : await named(context, { uid, name: service }, replicaIds)
  return replicas
    .map((replica) => ({ replicaId: replica.replicaId, log: new LivingLog(context, replica) }))
    .toSorted((a, b) => a.replicaId - b.replicaId)
}

async function all({ db }: ActionContext, serviceUid: string): Promise<readonly Replica[]> {
  const living = await listReplicas(db, { serviceUid, limit: 500 })
  const ended = await listReplicas(db, {
    serviceUid,
    statuses: ['TERMINATED'],
    isHistoryIncluded: true,
    limit: endedMax,
  })
  return [...living.items, ...ended.items]
}

async function named(
  { db }: ActionContext,
  service: { readonly uid: string; readonly name: string },
  replicaIds: readonly number[],
): Promise<readonly Replica[]> {
  const found: Replica[] = []
  for (const replicaId of new Set(replicaIds)) {
    const replica = await findReplica(db, service.uid, replicaId)
    if (replica === null) throw noReplica(service, replicaId)
    found.push(replica)
  }
  return found
}

function noReplica(
  service: { readonly uid: string; readonly name: string },
  replicaId: number,
): SkykeepError {
  return new SkykeepError('NOT_FOUND', `service ${service.uid} has no replica ${replicaId}`, {
    userMessage: `${service.name} has no replica ${replicaId}.`,
    hint: `Run \`skykeep serve status ${service.name}\` to see its replicas.`,
  })
}
