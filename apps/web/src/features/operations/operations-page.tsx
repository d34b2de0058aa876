'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Activity } from 'lucide-react'
import { Card } from '#src/components/ui/card.tsx'
import { DataTable, TableSkeleton } from '#src/components/ui/data-table.tsx'
import { EmptyState } from '#src/components/ui/empty-state.tsx'
import { PageHeader } from '#src/components/ui/page-header.tsx'
import { Pager } from '#src/components/ui/pager.tsx'
import { ProblemNotice } from '#src/components/ui/problem-notice.tsx'
import { usePagedFilters } from '#src/navigation/paged-filters.ts'
import { useTRPC } from '#src/trpc/client.ts'
import { OperationFilters, useOperationFilters } from './operation-filters.tsx'
import { operationColumns } from './operation-columns.tsx'

const pageSize = 50

/** Every request that somebody made: who, what, where it is, how it ended. */
export function OperationsPage() {
  const filters = usePagedFilters()
  const wanted = useOperationFilters()
  const trpc = useTRPC()
  const operations = useQuery(
    trpc.operations.list.queryOptions(
      { ...wanted, limit: pageSize, cursor: filters.cursor },
      { placeholderData: keepPreviousData },
    ),
  )
  const page = operations.data
  return (
    <>
      <PageHeader title="Operations" />
      <OperationFilters />
      {page === undefined && operations.isError ? (
        <ProblemNotice
          error={operations.error}
          kept="Operations under way go on; only their list could not be read."
          onRetry={() => void operations.refetch()}
        />
      ) : (
        <Card isFlush>
          {page === undefined ? <TableSkeleton rows={6} /> : null}
          {page?.items.length === 0 ? (
            <EmptyState icon={Activity} title="No operation to show">
              Whatever somebody asks for (a launch, a teardown) stands here with its progress. Where a filter
              is set, none fits it.
            </EmptyState>
          ) : null}
          {page !== undefined && page.items.length > 0 ? (
            <>
              <DataTable
                label="Operations"
                columns={operationColumns}
                rows={page.items}
                rowKey={(row) => row.uid}
                isStale={operations.isPlaceholderData}
              />
              <Pager
                {...filters.pager(page.nextCursor)}
                pageSize={pageSize}
                shown={page.items.length}
                total={page.total}
              />
            </>
          ) : null}
        </Card>
      )}
    </>
  )
}
