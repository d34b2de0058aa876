'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { FileClock, Pause, Play } from 'lucide-react'
import { Button } from '#src/components/ui/button.tsx'
import { Card } from '#src/components/ui/card.tsx'
import { DataTable, TableSkeleton } from '#src/components/ui/data-table.tsx'
import { EmptyState } from '#src/components/ui/empty-state.tsx'
import { PageHeader } from '#src/components/ui/page-header.tsx'
import { ProblemNotice } from '#src/components/ui/problem-notice.tsx'
import { timeOfUrl } from '#src/format/local-minute.ts'
import { useUrlFilters } from '#src/navigation/url-filters.ts'
import { useTRPC } from '#src/trpc/client.ts'
import { EventChain } from './event-chain.tsx'
import { ExportButtons } from './export-buttons.tsx'
import { StateAtCard } from './state-at-card.tsx'
import { timelineColumns } from './timeline-columns.tsx'
import { TimelineFilters } from './timeline-filters.tsx'
import { TimelinePager } from './timeline-pager.tsx'
import { useTimelineFilters } from './use-timeline-filters.ts'

const pageSize = 50

/** The event log: what happened, why, and what there was at any moment. */
export function TimelinePage() {
  const url = useUrlFilters()
  const filters = useTimelineFilters()
  const trail = url.all('before')
  const before = timeOfUrl(trail.at(-1) ?? null)
  const chosen = timeOfUrl(url.get('event'))
  const trpc = useTRPC()
  const events = useQuery(
    trpc.events.list.queryOptions(
      { ...filters, limit: pageSize, ...(before === null ? {} : { beforeSeq: before }) },
      { placeholderData: keepPreviousData },
    ),
  )
  const page = events.data
  const newest = page?.items[0]?.seq
  return (
    <>
      <PageHeader
        title="Timeline"
        actions={
          <>
            {before === null ? (
              <Button
                disabled={newest === undefined}
                onClick={() => url.set({ before: [String((newest ?? 0) + 1)] }, 'push')}
              >
                <Pause aria-hidden />
                Pause
              </Button>
            ) : (
              <Button onClick={() => url.set({ before: null }, 'push')}>
                <Play aria-hidden />
                Back to live
              </Button>
            )}
            <ExportButtons />
          </>
        }
      />
      <TimelineFilters />
      <StateAtCard />
      {chosen === null || chosen === 0 ? null : (
        <EventChain seq={chosen} onClose={() => url.set({ event: null })} />
      )}
      {page === undefined && events.isError ? (
        <ProblemNotice
          error={events.error}
          kept="The event log itself is kept."
          onRetry={() => void events.refetch()}
        />
      ) : (
        <Card isFlush>
          {page === undefined ? <TableSkeleton rows={10} /> : null}
          {page?.items.length === 0 ? (
            <EmptyState icon={FileClock} title="No event to show">
              Whatever changes stands here. Where a filter is set, none fits it.
            </EmptyState>
          ) : null}
          {page !== undefined && page.items.length > 0 ? (
            <DataTable
              label="Events"
              columns={timelineColumns(page.actorNames, (seq) => url.set({ event: String(seq) }, 'push'))}
              rows={page.items}
              rowKey={({ seq }) => String(seq)}
              isStale={events.isPlaceholderData}
            />
          ) : null}
          {page === undefined ? null : (
            <TimelinePager trail={trail} nextCursor={page.nextCursor} total={page.total} />
          )}
        </Card>
      )}
    </>
  )
}
