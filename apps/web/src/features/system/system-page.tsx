'use client'

import { useQuery } from '@tanstack/react-query'
import { Card } from '#src/components/ui/card.tsx'
import { TableSkeleton } from '#src/components/ui/data-table.tsx'
import { PageHeader } from '#src/components/ui/page-header.tsx'
import { ProblemNotice } from '#src/components/ui/problem-notice.tsx'
import { useTRPC } from '#src/trpc/client.ts'
import { SystemScreen } from './system-screen.tsx'

/** The control plane itself: path, database, processes, gateway, storage. */
export function SystemPage() {
  const trpc = useTRPC()
  const system = useQuery(trpc.system.status.queryOptions())
  return (
    <>
      <PageHeader title="System" />
      {system.data !== undefined ? (
        <SystemScreen system={system.data} />
      ) : system.isError ? (
        <ProblemNotice
          error={system.error}
          kept="Services go on being served; nothing was torn down."
          onRetry={() => void system.refetch()}
        />
      ) : (
        <Card isFlush>
          <TableSkeleton rows={8} />
        </Card>
      )}
    </>
  )
}
