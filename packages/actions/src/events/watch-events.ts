import type { EventView, WatchMessage } from '@skykeep/core/views'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import type { WatchEventsInput } from './schemas.ts'

const never = new AbortController().signal

/**
 * The live stream of events from any number on, batched; ends with the signal. See `EventHub.subscribe`. What the filter leaves out leaves
 * an empty batch, so that the number to resume from moves on all the same.
 */
export async function* watchEvents(
  context: ActionContext,
  input: WatchEventsInput,
  signal: AbortSignal = never,
): AsyncGenerator<WatchMessage> {
  authorize(context.actor, 'event:read')
  const seq = input.lastEventId === null || input.lastEventId === undefined ? null : Number(input.lastEventId)
  for await (const message of context.events.subscribe(seq, signal)) {
    if (message.type === 'events' && message.events.length > 0)
      yield { ...message, events: message.events.filter((event) => isWanted(event, input)) }
    else yield message
  }
}

function isWanted(event: EventView, { service, kind, type }: WatchEventsInput): boolean {
  return (
    (service === undefined || event.serviceName === service) &&
    (kind === undefined || event.kind === kind) &&
    (type === undefined || type.includes(event.type))
  )
}
