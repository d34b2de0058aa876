'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { StateAtView } from '@skykeep/core/event-views'
import { placeName } from '@skykeep/core/place'
import { Button } from '#src/components/ui/button.tsx'
import { Card } from '#src/components/ui/card.tsx'
import { DataTable, TableSkeleton, type Column } from '#src/components/ui/data-table.tsx'
import { ProblemNotice } from '#src/components/ui/problem-notice.tsx'
import { StatusBadge } from '#src/components/ui/status-badge.tsx'
import { TimeFilter } from '#src/components/ui/time-filter.tsx'
import { timeOfUrl } from '#src/format/local-minute.ts'
import { absoluteTime } from '#src/format/time.ts'
import { useUrlFilters } from '#src/navigation/url-filters.ts'
import { replicaVisuals, serviceVisuals } from '#src/status/visuals.ts'
import { useTRPC } from '#src/trpc/client.ts'

type ServiceThen = StateAtView['services'][number]

const columns: readonly Column<ServiceThen>[] = [
  { id: 'name', header: 'Service', cell: ({ name }) => <span className="font-medium">{name}</span> },
  { id: 'status', header: 'Status', cell: ({ status }) => <StatusBadge visual={serviceVisuals[status]} /> },
  {
    id: 'version',
    header: 'Version asked for',
    isNumber: true,
    cell: ({ desiredVersion, desiredVersionReason }) =>
      desiredVersion ?? <span className="text-soft">not known: {desiredVersionReason}</span>,
  },
  {
    id: 'replicas',
    header: 'Replicas',
    cell: ({ replicas }) =>
      replicas.length === 0 ? (
        'none'
      ) : (
        <ul className="grid gap-1">
          {replicas.map(({ id, version, status, infra, zone, isSpot }) => (
            <li key={id} className="flex flex-wrap items-center gap-x-2">
              {id} <StatusBadge visual={replicaVisuals[status]} />
              <span className="text-soft">
                version {version}, {placeName({ infra, zone })}
                {isSpot ? ', spot' : ''}
              </span>
            </li>
          ))}
        </ul>
      ),
  },
]

/** The moment that somebody wants to see again, and what there was at it. */
export function StateAtCard() {
  const url = useUrlFilters()
  const atMs = timeOfUrl(url.get('at'))
  const set = (at: number | null): void => url.set({ at: at === null ? null : String(at) }, 'push')
  return (
    <Card title={atMs === null ? 'What there was at a moment' : `What there was at ${absoluteTime(atMs)}`}>
      <div className="flex flex-wrap items-center gap-2">
        <TimeFilter label="At" atMs={atMs} onChange={set} />
        {atMs === null ? (
          <p className="text-soft">Choose a moment: services, versions and replicas, as the log tells.</p>
        ) : (
          <Button look="quiet" onClick={() => set(null)}>
            Back to now
          </Button>
        )}
      </div>
      {atMs === null ? null : <StateAt atMs={atMs} />}
    </Card>
  )
}

function StateAt({ atMs }: { readonly atMs: number }) {
  const trpc = useTRPC()
  const state = useQuery(
    trpc.events.stateAt.queryOptions({ atMs }, { placeholderData: keepPreviousData, retry: false }),
  )
  if (state.isError)
    return <ProblemNotice error={state.error} kept="What is kept can be seen at any later moment." />
  if (state.data === undefined) return <TableSkeleton rows={3} />
  const { services, seq } = state.data
  if (services.length === 0) return <p className="mt-3 text-soft">There was no service then.</p>
  return (
    <div className="mt-3">
      <DataTable
        label={`Services at ${absoluteTime(atMs)}`}
        columns={columns}
        rows={services}
        rowKey={({ name }) => name}
        isStale={state.isPlaceholderData}
      />
      <p className="mt-2 text-soft">After event #{seq}.</p>
    </div>
  )
}
