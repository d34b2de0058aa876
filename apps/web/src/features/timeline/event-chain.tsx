'use client'

import { useQuery } from '@tanstack/react-query'
import { X } from 'lucide-react'
import Link from 'next/link'
import { causeOfEvent } from '@skykeep/core/event-cause'
import type { EventLinkView } from '@skykeep/core/event-views'
import type { EventView } from '@skykeep/core/views'
import { Button } from '#src/components/ui/button.tsx'
import { Card } from '#src/components/ui/card.tsx'
import { ProblemNotice } from '#src/components/ui/problem-notice.tsx'
import { useUrlFilters } from '#src/navigation/url-filters.ts'
import { useTRPC } from '#src/trpc/client.ts'
import { EventLine } from '../events/event-line.tsx'

const howWords: Readonly<Record<EventLinkView['how'], string>> = {
  cause: 'caused',
  'same-row': 'came before, on the same row',
}

/** What led to an event, the event, and what it caused, oldest first. */
export function EventChain({ seq, onClose }: { readonly seq: number; readonly onClose: () => void }) {
  const trpc = useTRPC()
  const chain = useQuery(trpc.events.chain.queryOptions({ seq }))
  const title = `Why event #${seq} happened`
  if (chain.data === undefined) {
    return chain.isError ? (
      <ProblemNotice error={chain.error} kept="The rest of the log is kept." onRetry={onClose} />
    ) : (
      <div className="skeleton h-40" />
    )
  }
  const { event, causes, effects, actorNames } = chain.data
  const who = (each: EventView): string => actorNames[each.actor] ?? each.actor
  return (
    <div className="relative">
      <Card title={title} isFlush>
        <ol className="divide-y divide-line">
          {causes.map((link) => (
            <Step
              key={link.event.seq}
              event={link.event}
              note={`${howWords[link.how]}; by ${who(link.event)}`}
            />
          ))}
          <Step event={event} note={`this event; by ${who(event)}`} isCurrent />
          {effects.map((effect) => (
            <Step key={effect.seq} event={effect} note="was caused by it" />
          ))}
        </ol>
        <p className="flex flex-wrap gap-x-4 border-t border-line px-4 py-2">
          <Link
            prefetch={false}
            className="text-accent hover:underline"
            href={`/timeline?cause=${encodeURIComponent(event.kind === 'operation' ? event.uid : causeOfEvent(event.seq))}`}
          >
            All that it caused
          </Link>
          <Link prefetch={false} className="text-accent hover:underline" href={`/timeline?at=${event.atMs}`}>
            What there was at that moment
          </Link>
        </p>
      </Card>
      <Button
        look="quiet"
        isIcon
        aria-label="Close the chain"
        className="absolute top-1.5 right-1.5"
        onClick={onClose}
      >
        <X aria-hidden />
      </Button>
    </div>
  )
}

function Step({
  event,
  note,
  isCurrent = false,
}: {
  readonly event: EventView
  readonly note: string
  readonly isCurrent?: boolean
}) {
  const url = useUrlFilters()
  return (
    <li aria-current={isCurrent ? 'true' : undefined} className={isCurrent ? 'bg-accent-wash' : undefined}>
      <ul>
        <EventLine event={event} />
      </ul>
      <p className="-mt-1 flex flex-wrap gap-x-3 px-4 pb-2 pl-11 text-[0.88rem] text-soft">
        {note}
        {isCurrent ? null : (
          <button
            type="button"
            className="text-accent hover:underline"
            onClick={() => url.set({ event: String(event.seq) }, 'push')}
          >
            Show its chain
          </button>
        )}
      </p>
    </li>
  )
}
