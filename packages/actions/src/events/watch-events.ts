import type { WatchMessage } from '@skykeep/core/views'
import { SkykeepError } from '@skykeep/core/errors'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import type { WatchEventsInput } from './schemas.ts'

export async function* watchEvents(
  context: ActionContext,
  _input: WatchEventsInput,
  _signal: AbortSignal | undefined,
): AsyncGenerator<WatchMessage> {
  authorize(context.actor, 'event:read')
  throw new SkykeepError('UNAVAILABLE', 'not there yet')
}
