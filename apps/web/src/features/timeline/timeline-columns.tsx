import type { ActorNames } from '@skykeep/core/event-views'
import type { EventView } from '@skykeep/core/views'
import type { Column } from '#src/components/ui/data-table.tsx'
import { cn } from '#src/components/ui/class-names.ts'
import { absoluteTime } from '#src/format/time.ts'
import { toneClasses } from '#src/status/tones.ts'
import { eventText } from '../events/event-text.ts'
import { eventTone } from '../events/event-tone.ts'

/** The log as a table: when, what, where, why, who. Choosing a row shows what led to it. */
export function timelineColumns(
  actorNames: ActorNames,
  onChoose: (seq: number) => void,
): readonly Column<EventView>[] {
  return [
    {
      id: 'what',
      header: 'What happened',
      className: 'min-w-48',
      cell: (event) => (
        <button
          type="button"
          onClick={() => onChoose(event.seq)}
          className={cn(
            'text-left break-words after:absolute after:inset-0 hover:underline',
            toneClasses[eventTone(event)].text,
          )}
        >
          {eventText(event)}
        </button>
      ),
    },
    {
      id: 'when',
      header: 'When',
      cell: (event) => (
        <time dateTime={new Date(event.atMs).toISOString()} className="tabular-nums sm:whitespace-nowrap">
          {absoluteTime(event.atMs)}
        </time>
      ),
    },
    { id: 'where', header: 'Of', cell: (event) => whereOf(event) },
    {
      id: 'change',
      header: 'Change',
      cell: (event) => (event.to === null ? null : `${event.from ?? 'new'} → ${event.to}`),
    },
    {
      id: 'why',
      header: 'Reason',
      cell: (event) => (event.reason === '' ? null : <span className="break-all">{event.reason}</span>),
    },
    { id: 'by', header: 'By', cell: (event) => actorNames[event.actor] ?? event.actor },
    { id: 'seq', header: 'Number', isNumber: true, cell: (event) => `#${event.seq}` },
  ]
}

function whereOf({ kind, serviceName, payload }: EventView): string {
  const { replicaId } = payload
  const name = typeof replicaId === 'number' ? `${serviceName}-${replicaId}` : serviceName
  return name === '' ? kind : `${kind} ${name}`
}
