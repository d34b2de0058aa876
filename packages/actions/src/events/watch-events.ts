import type { WatchMessage } from '@skykeep/core/views'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import type { WatchEventsInput } from './schemas.ts'

const never = new AbortController().signal

/** The live stream of events from any number on, batched; ends with the signal. See `EventHub.subscribe`. */
export async function* watchEvents(
  context: ActionContext,
  input: WatchEventsInput,
  signal: AbortSignal = never,
): AsyncGenerator<WatchMessage> {
  authorize(context.actor, 'event:read')
  const seq = input.lastEventId === null || input.lastEventId === undefined ? null : Number(input.lastEventId)
  yield* context.events.subscribe(seq, signal)
}
