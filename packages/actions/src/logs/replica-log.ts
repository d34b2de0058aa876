import { SkykeepError } from '@skykeep/core/errors'
import { findReplica } from '@skykeep/db/replica-numbers'
import type { LogSource } from '@skykeep/logs/log-source'
import type { ActionContext } from '../context.ts'
import { livingService } from '../services/living-service.ts'

/** The log of a service's replica, by the number that people see; also of one that ended. Throws NOT_FOUND. */
export async function replicaLog(
  context: ActionContext,
  service: string,
  replicaId: number,
): Promise<LogSource> {
  const { uid } = await livingService(context, context.db, service)
  const replica = await findReplica(context.db, uid, replicaId)
  if (replica !== null) return context.replicaLog(replica)
  throw new SkykeepError('NOT_FOUND', `service ${uid} has no replica ${replicaId}`, {
    userMessage: `${service} has no replica ${replicaId}.`,
    hint: `Run \`skykeep serve status ${service}\` to see its replicas.`,
  })
}

/** Where to start: the given offset, else so many bytes before the end, else the beginning. */
export async function startOffset(
  log: LogSource,
  input: { readonly offset?: number | undefined; readonly tailBytes?: number | undefined },
): Promise<number> {
  if (input.offset !== undefined) return input.offset
  if (input.tailBytes === undefined) return 0
  const { nextOffset } = await log.read({ offset: Number.MAX_SAFE_INTEGER, limitBytes: 1 })
  return Math.max(0, nextOffset - input.tailBytes)
}
