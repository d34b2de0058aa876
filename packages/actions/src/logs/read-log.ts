import type { LogChunk } from '@skykeep/core/views'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { toLogChunk } from './log-text.ts'
import { replicaLog, startOffset } from './replica-log.ts'
import type { ReadLogInput } from './schemas.ts'

/** A piece of a replica's log. Throws NOT_FOUND. */
export async function readLog(context: ActionContext, input: ReadLogInput): Promise<LogChunk> {
  authorize(context.actor, 'log:read')
  const log = await replicaLog(context, input.service, input.replicaId)
  const offset = await startOffset(log, input)
  return toLogChunk(await log.read({ offset, limitBytes: input.limitBytes }))
}
