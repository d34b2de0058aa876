import type { ReactNode } from 'react'
import { Card } from '#src/components/ui/card.tsx'
import { TableSkeleton } from '#src/components/ui/data-table.tsx'
import { ProblemNotice } from '#src/components/ui/problem-notice.tsx'

/** A query, as far as showing it needs to know. */
interface Shown<Data> {
  readonly data: Data | undefined
  readonly isError: boolean
  readonly error: unknown
  refetch(): unknown
}

/** A card of what one query answered: while it is on its way, when it failed, and once it is there. */
export function QueryCard<Data>({
  title,
  note,
  actions,
  query,
  kept,
  skeletonRows = 3,
  children,
}: {
  readonly title: string
  readonly note?: ReactNode
  readonly actions?: ReactNode
  readonly query: Shown<Data>
  /** What still stands although it cannot be shown, as one sentence. */
  readonly kept: string
  readonly skeletonRows?: number
  readonly children: (data: Data) => ReactNode
}) {
  return (
    <Card title={title} note={note} actions={actions} isFlush>
      {query.isError ? (
        <div className="p-4">
          <ProblemNotice error={query.error} kept={kept} onRetry={() => void query.refetch()} />
        </div>
      ) : null}
      {query.data !== undefined ? (
        children(query.data)
      ) : query.isError ? null : (
        <TableSkeleton rows={skeletonRows} />
      )}
    </Card>
  )
}
