'use client'

import { useQuery } from '@tanstack/react-query'
import { Card } from '#src/components/ui/card.tsx'
import { TableSkeleton } from '#src/components/ui/data-table.tsx'
import { PageHeader } from '#src/components/ui/page-header.tsx'
import { ProblemNotice } from '#src/components/ui/problem-notice.tsx'
import { useTRPC } from '#src/trpc/client.ts'
import { ServiceScreen } from './service-screen.tsx'

/** One service: loads it and hands it to its screen. */
export function ServicePage({ name }: { readonly name: string }) {
  const trpc = useTRPC()
  const service = useQuery(trpc.services.get.queryOptions({ name }))
  if (service.data !== undefined) return <ServiceScreen service={service.data} />
  return (
    <>
      <PageHeader title={name} />
      {service.isError ? (
        <ProblemNotice
          error={service.error}
          kept="A running service goes on whether or not it can be shown here."
          onRetry={() => void service.refetch()}
        />
      ) : (
        <Card isFlush>
          <TableSkeleton rows={6} />
        </Card>
      )}
    </>
  )
}
