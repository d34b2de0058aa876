import type { LogChunk } from '@skykeep/core/views'
import { SkykeepError } from '@skykeep/core/errors'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import type { FollowLogInput } from './schemas.ts'

export async function* followLog(
  context: ActionContext,
  _input: FollowLogInput,
  _signal: AbortSignal | undefined,
): AsyncGenerator<LogChunk> {
  authorize(context.actor, 'log:read')
  throw new SkykeepError('UNAVAILABLE', 'not there yet')
}
