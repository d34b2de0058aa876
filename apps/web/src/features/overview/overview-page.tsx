'use client'

import { useQuery } from '@tanstack/react-query'
import { PageHeader } from '#src/components/ui/page-header.tsx'
import { ProblemNotice } from '#src/components/ui/problem-notice.tsx'
import { useTRPC } from '#src/trpc/client.ts'
import { OverviewScreen } from './overview-screen.tsx'
import { OverviewSkeleton } from './overview-skeleton.tsx'

/** What runs, what is wrong, what changed lately. */
export function OverviewPage() {
  const trpc = useTRPC()
  const overview = useQuery(trpc.system.overview.queryOptions())
  return (
    <>
      <PageHeader title="Overview" />
      {overview.data !== undefined ? (
        <OverviewScreen overview={overview.data} />
      ) : overview.isError ? (
        <ProblemNotice
          error={overview.error}
          kept="Services go on being served; nothing was torn down."
          onRetry={() => void overview.refetch()}
        />
      ) : (
        <OverviewSkeleton />
      )}
    </>
  )
}
