import type { LogChunk } from '@skykeep/core/views'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { LogText } from './log-text.ts'
import { replicaLog, startOffset } from './replica-log.ts'
import type { FollowLogInput } from './schemas.ts'

const never = new AbortController().signal

/** What is in a replica's log from some place on, then what comes, until the log has ended or the signal is aborted. Throws NOT_FOUND. */
export async function* followLog(
  context: ActionContext,
  input: FollowLogInput,
  signal: AbortSignal = never,
): AsyncGenerator<LogChunk> {
  authorize(context.actor, 'log:read')
  const log = await replicaLog(context, input.service, input.replicaId)
  const isResumed = input.lastEventId !== null && input.lastEventId !== undefined
  const offset = isResumed ? Number(input.lastEventId) : await startOffset(log, input)
  const text = new LogText()
  for await (const piece of log.follow({ offset, signal })) {
    const chunk = text.next(piece)
    if (chunk !== null) yield chunk
  }
}
