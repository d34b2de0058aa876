'use client'

import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { Card } from '#src/components/ui/card.tsx'
import { DataTable, TableSkeleton } from '#src/components/ui/data-table.tsx'
import { ProblemNotice } from '#src/components/ui/problem-notice.tsx'
import { count } from '#src/format/quantity.ts'
import { useTRPC } from '#src/trpc/client.ts'
import { serviceColumns } from '../services/service-columns.tsx'

const shownMost = 6
const columns = serviceColumns.filter(({ id }) => ['name', 'status', 'endpoint', 'replicas'].includes(id))

/** The services that are asked most, one click from here; the list has the rest. */
export function ServicesCard() {
  const trpc = useTRPC()
  const services = useQuery(trpc.services.list.queryOptions({ limit: shownMost, sort: 'requests' }))
  if (services.data === undefined) {
    return services.isError ? (
      <ProblemNotice
        error={services.error}
        kept="The services themselves go on; only their list could not be read."
        onRetry={() => void services.refetch()}
      />
    ) : (
      <Card title="Services" isFlush>
        <TableSkeleton rows={2} />
      </Card>
    )
  }
  const { items, total } = services.data
  if (items.length === 0) return null
  return (
    <Card
      title="Services"
      isFlush
      actions={
        <Link href="/services" prefetch={false} className="text-accent hover:underline">
          {total > items.length ? `All ${count(total)}` : 'The list'}
        </Link>
      }
    >
      <DataTable label="Services" columns={columns} rows={items} rowKey={({ uid }) => uid} />
    </Card>
  )
}
