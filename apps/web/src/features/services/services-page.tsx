'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Server } from 'lucide-react'
import { serviceSorts, type ServiceSort, type TrafficFiguresView } from '@skykeep/core/traffic'
import type { ServiceSummary, ShownServiceStatus } from '@skykeep/core/views'
import { Card } from '#src/components/ui/card.tsx'
import { DataTable, TableSkeleton } from '#src/components/ui/data-table.tsx'
import { EmptyState } from '#src/components/ui/empty-state.tsx'
import { PageHeader } from '#src/components/ui/page-header.tsx'
import { Pager } from '#src/components/ui/pager.tsx'
import { ProblemNotice } from '#src/components/ui/problem-notice.tsx'
import { SearchField } from '#src/components/ui/search-field.tsx'
import { SelectField } from '#src/components/ui/select-field.tsx'
import { useUrlFilters } from '#src/navigation/url-filters.ts'
import { usePagedFilters } from '#src/navigation/paged-filters.ts'
import { serviceVisuals } from '#src/status/visuals.ts'
import { useTRPC } from '#src/trpc/client.ts'
import { useFigures } from '../traffic/use-figures.ts'
import { serviceColumns } from './service-columns.tsx'

const pageSize = 50
const sortLabels: Readonly<Record<ServiceSort, string>> = {
  name: 'Name',
  requests: 'Most requests',
  errors: 'Most errors',
  p95: 'Slowest',
  replicas: 'Most replicas',
}
// Not an index access on user input: a status that is not a key of the record is no filter.
const statuses = Object.keys(serviceVisuals) as readonly ShownServiceStatus[]

/** All services, searched, filtered and paged on the server; all of it in the URL. */
export function ServicesPage() {
  const filters = usePagedFilters()
  const status = statuses.find((each) => each === filters.status)
  const url = useUrlFilters()
  const sort = serviceSorts.find((each) => each === url.get('sort'))
  const figures = useFigures()
  const trpc = useTRPC()
  const services = useQuery(
    trpc.services.list.queryOptions(
      { limit: pageSize, search: filters.search, status, sort, cursor: filters.cursor },
      { placeholderData: keepPreviousData },
    ),
  )
  const isFiltered = filters.search !== undefined || status !== undefined
  return (
    <>
      <PageHeader title="Services" />
      <div className="flex flex-wrap gap-2">
        <SearchField label="Search by name" initial={filters.search ?? ''} onSearch={filters.setSearch} />
        <SelectField
          label="Status"
          value={status ?? ''}
          onChange={filters.setStatus}
          choices={[
            { value: '', label: 'All statuses' },
            ...statuses.map((value) => ({ value, label: serviceVisuals[value].label })),
          ]}
        />
        <SelectField
          label="Order"
          value={sort ?? ''}
          onChange={(value) => url.set({ sort: value, cursor: null })}
          choices={[
            { value: '', label: 'Newest first' },
            ...serviceSorts.map((value) => ({ value, label: sortLabels[value] })),
          ]}
        />
      </div>
      {services.data === undefined && services.isError ? (
        <ProblemNotice
          error={services.error}
          kept="The services themselves go on; only their list could not be read."
          onRetry={() => void services.refetch()}
        />
      ) : (
        <Card isFlush>
          {services.data === undefined ? (
            <TableSkeleton rows={5} />
          ) : services.data.items.length === 0 ? (
            <NoServices isFiltered={isFiltered} />
          ) : (
            <>
              <DataTable
                label="Services"
                columns={serviceColumns}
                rows={services.data.items.map((row) => withFigures(row, figures))}
                rowKey={(row) => row.uid}
                isStale={services.isPlaceholderData}
              />
              <Pager
                {...filters.pager(services.data.nextCursor)}
                pageSize={pageSize}
                shown={services.data.items.length}
                total={services.data.total}
              />
            </>
          )}
        </Card>
      )}
    </>
  )
}

/** The newest figures that are known of a service: those of the stream, else those of the list. */
function withFigures(service: ServiceSummary, figures: TrafficFiguresView | undefined): ServiceSummary {
  return figures === undefined ? service : { ...service, traffic: figures.services[service.uid] ?? null }
}

function NoServices({ isFiltered }: { readonly isFiltered: boolean }) {
  if (isFiltered) {
    return (
      <EmptyState icon={Server} title="No service matches">
        Change the search or the status.
      </EmptyState>
    )
  }
  return (
    <EmptyState
      icon={Server}
      title="No service yet"
      command="npx skykeep serve up examples/hello/service.yaml"
    >
      A service is one YAML. It comes up here within seconds:
    </EmptyState>
  )
}
