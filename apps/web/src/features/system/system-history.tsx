'use client'

import { useQueries } from '@tanstack/react-query'
import Link from 'next/link'
import type { EventType } from '@skykeep/core/events'
import { Card } from '#src/components/ui/card.tsx'
import { useTRPC } from '#src/trpc/client.ts'
import { EventLine } from '../events/event-line.tsx'

const told: readonly { readonly type: EventType; readonly title: string; readonly none: string }[] = [
  { type: 'orphan.found', title: 'Orphans', none: 'The sweep found nothing that no row knows of.' },
  { type: 'state.restored', title: 'Restores', none: 'The state was never restored.' },
]

/** The last of what was done to the state, from the log: orphans, restores. */
export function SystemHistory() {
  const trpc = useTRPC()
  const answers = useQueries({
    queries: told.map(({ type }) => trpc.events.list.queryOptions({ type: [type], limit: 3 })),
  })
  return (
    <div className="grid items-start gap-5 lg:grid-cols-2">
      {told.map(({ type, title, none }, index) => {
        const events = answers[index]?.data?.items
        return (
          <Card key={type} title={title} isFlush={(events ?? []).length > 0}>
            {events === undefined ? <div className="skeleton h-8" /> : null}
            {events?.length === 0 ? <p className="text-soft">{none}</p> : null}
            {events !== undefined && events.length > 0 ? (
              <>
                <ul className="divide-y divide-line">
                  {events.map((event) => (
                    <EventLine key={event.seq} event={event} />
                  ))}
                </ul>
                <p className="border-t border-line px-4 py-2">
                  <Link
                    href={`/timeline?type=${type}`}
                    prefetch={false}
                    className="text-accent hover:underline"
                  >
                    All of them
                  </Link>
                </p>
              </>
            ) : null}
          </Card>
        )
      })}
    </div>
  )
}
