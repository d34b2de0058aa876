import type { EventView } from '@skykeep/core/views'
import type { Tone } from '#src/status/tones.ts'

const goodWords = new Set(['READY', 'SUCCEEDED', 'OPEN'])
const badWords = new Set(['FAILED', 'BLOCKED'])
const warnWords = new Set(['NOT_READY', 'NO_REPLICA'])

/** How good or bad an event is, from its type and where it led; pure. */
export function eventTone(event: Pick<EventView, 'type' | 'to' | 'reason'>): Tone {
  switch (event.type) {
    case 'storage.degraded':
    case 'row.set-aside':
    case 'plane.fenced':
    case 'state.failed':
      return 'bad'
    case 'requests.unfinished':
    case 'orphan.found':
      return 'warn'
    case 'drill.finished':
      return event.reason === 'SUCCEEDED' ? 'ok' : 'bad'
    case 'state.verified':
      return event.reason === 'IDENTICAL' ? 'ok' : 'bad'
    case 'storage.recovered':
      return 'ok'
    case 'replica.launched':
    case 'replica.created':
    case 'operation.progress':
    case 'drill.started':
    case 'drill.progress':
      return 'busy'
    default:
      return toneOfStatus(event.to)
  }
}

function toneOfStatus(to: string | null): Tone {
  if (to === null) return 'idle'
  if (goodWords.has(to)) return 'ok'
  if (badWords.has(to)) return 'bad'
  return warnWords.has(to) ? 'warn' : 'idle'
}
