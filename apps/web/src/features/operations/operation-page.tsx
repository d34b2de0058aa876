'use client'

import { useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { Card } from '#src/components/ui/card.tsx'
import { TableSkeleton } from '#src/components/ui/data-table.tsx'
import { PageHeader } from '#src/components/ui/page-header.tsx'
import { ProblemNotice } from '#src/components/ui/problem-notice.tsx'
import { StatusBadge } from '#src/components/ui/status-badge.tsx'
import { operationVisuals } from '#src/status/visuals.ts'
import { useTRPC } from '#src/trpc/client.ts'
import { CancelButton } from './cancel-button.tsx'
import { operationTitle } from './operation-title.ts'
import { OperationProgress } from './operation-progress.tsx'
import { RetryButton } from './retry-button.tsx'

/** One operation, followed to its end. */
export function OperationPage({ uid }: { readonly uid: string }) {
  const trpc = useTRPC()
  const operation = useQuery(trpc.operations.get.queryOptions({ uid }))
  if (operation.data === undefined) {
    return (
      <>
        <PageHeader title="Operation" />
        {operation.isError ? (
          <ProblemNotice
            error={operation.error}
            kept="An operation under way goes on whether or not it can be shown."
            onRetry={() => void operation.refetch()}
          />
        ) : (
          <Card isFlush>
            <TableSkeleton rows={6} />
          </Card>
        )}
      </>
    )
  }
  const { targetName, status } = operation.data
  return (
    <>
      <PageHeader
        title={operationTitle(operation.data)}
        badge={<StatusBadge visual={operationVisuals[status]} />}
      >
        <Link href={`/services/${encodeURIComponent(targetName)}`} className="text-accent hover:underline">
          Go to the service {targetName}
        </Link>
        {' · '}
        <Link
          href={`/timeline?cause=${encodeURIComponent(uid)}`}
          prefetch={false}
          className="text-accent hover:underline"
        >
          What it caused
        </Link>
      </PageHeader>
      <div className="flex flex-wrap items-center gap-2 empty:hidden">
        <CancelButton operation={operation.data} />
        <RetryButton operation={operation.data} />
      </div>
      <OperationProgress operation={operation.data} />
    </>
  )
}
