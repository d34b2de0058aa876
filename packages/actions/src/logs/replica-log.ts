import { SkykeepError } from '@skykeep/core/errors'
import type { LogSource } from '@skykeep/logs/log-source'
import type { ActionContext } from '../context.ts'
import { replicaLogs } from './replica-logs.ts'

/** The log of a service's replica, by the number that people see; also of one that ended. Throws NOT_FOUND. */
export async function replicaLog(
  context: ActionContext,
  service: string,
  replicaId: number,
): Promise<LogSource> {
  const [found] = await replicaLogs(context, service, [replicaId])
  if (found === undefined) throw new SkykeepError('INTERNAL', `no log of replica ${replicaId} of ${service}`)
  return found.log
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
