import type { WatchMessage } from '@skykeep/core/views'
import type { RestStream, ServerEvent } from './declaration.ts'

/** Each event as one message; `reset` where events were lost; the id alone where a filter left everything out. */
export const watchStream: RestStream = {
  dataSchema: 'SkykeepEvent',
  eventsOf: (message, id) => {
    // What `watch.events` yields.
    const { type, ...rest } = message as WatchMessage
    const place: ServerEvent = { id, data: undefined }
    if (type === 'relist') {
      const reset = 'reason' in rest && rest.reason === 'EVENTS_LOST'
      return reset ? [{ id, event: 'reset', data: rest }] : [place]
    }
    const events = 'events' in rest ? rest.events : []
    const shown = events.map((event): ServerEvent => ({ id: String(event.seq), data: event }))
    return shown.at(-1)?.id === id ? shown : [...shown, place]
  },
}
