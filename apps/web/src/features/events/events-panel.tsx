'use client'

import { useInfiniteQuery } from '@tanstack/react-query'
import { FileClock } from 'lucide-react'
import type { ServiceView } from '@skykeep/core/views'
import { Button } from '#src/components/ui/button.tsx'
import { Card } from '#src/components/ui/card.tsx'
import { TableSkeleton } from '#src/components/ui/data-table.tsx'
import { EmptyState } from '#src/components/ui/empty-state.tsx'
import { ProblemNotice } from '#src/components/ui/problem-notice.tsx'
import { useTRPC, useTRPCClient } from '#src/trpc/client.ts'
import { EventLine } from './event-line.tsx'

const pageSize = 50

/** Events of one service, newest first, older ones on demand. */
export function EventsPanel({ service: { name: service, replicas } }: { readonly service: ServiceView }) {
  const subjects = new Map(replicas.map((replica) => [replica.uid, `Replica ${replica.id}`]))
  const trpc = useTRPC()
  const client = useTRPCClient()
  const events = useInfiniteQuery({
    // Under the procedure's own key, so that the live stream makes it old like every other list of events.
    queryKey: [...trpc.events.list.pathKey(), { service, pageSize }],
    queryFn: ({ pageParam, signal }) =>
      client.events.list.query(
        { service, limit: pageSize, ...(pageParam === null ? {} : { beforeSeq: pageParam }) },
        { signal },
      ),
    initialPageParam: null as number | null,
    getNextPageParam: (last) => (last.items.length < pageSize ? null : (last.items.at(-1)?.seq ?? null)),
  })
  if (events.isPending) {
    return (
      <Card isFlush>
        <TableSkeleton rows={6} />
      </Card>
    )
  }
  if (events.data === undefined) {
    const retry = (): void => void events.refetch()
    return <ProblemNotice error={events.error} kept="The event log itself is kept." onRetry={retry} />
  }
  const lines = events.data.pages.flatMap((page) => page.items)
  if (lines.length === 0) {
    return (
      <Card>
        <EmptyState icon={FileClock} title="No events yet" />
      </Card>
    )
  }
  return (
    <Card isFlush>
      <ul className="divide-y divide-line">
        {lines.map((event) => (
          <EventLine key={event.seq} event={event} subject={subjects.get(event.uid) ?? ''} />
        ))}
      </ul>
      {events.hasNextPage ? (
        <div className="border-t border-line p-3 text-center">
          <Button disabled={events.isFetchingNextPage} onClick={() => void events.fetchNextPage()}>
            Show older events
          </Button>
        </div>
      ) : null}
    </Card>
  )
}
