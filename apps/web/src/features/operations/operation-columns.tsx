import Link from 'next/link'
import type { OperationView } from '@skykeep/core/views'
import type { Column } from '#src/components/ui/data-table.tsx'
import { Elapsed, RelativeTime } from '#src/components/ui/relative-time.tsx'
import { StatusBadge } from '#src/components/ui/status-badge.tsx'
import { operationVisuals } from '#src/status/visuals.ts'
import { operationTitle } from './operation-title.ts'

export const operationColumns: readonly Column<OperationView>[] = [
  {
    id: 'what',
    header: 'Operation',
    cell: (operation) => (
      <Link
        href={`/operations/${encodeURIComponent(operation.uid)}`}
        prefetch={false}
        className="font-medium break-words after:absolute after:inset-0 hover:underline"
      >
        {operationTitle(operation)}
      </Link>
    ),
  },
  {
    id: 'status',
    header: 'Status',
    cell: (operation) => (
      <>
        <StatusBadge visual={operationVisuals[operation.status]} />
        {operation.finishedAtMs === null && operation.cancelRequestedAtMs !== null ? (
          <span className="block text-[0.88rem] text-soft">being cancelled</span>
        ) : null}
        {operation.setAsideReason === null ? null : (
          <span className="block text-[0.88rem] text-bad">set aside</span>
        )}
      </>
    ),
  },
  {
    id: 'phase',
    header: 'Phase',
    cell: (operation) => {
      const text = operation.status === 'FAILED' ? operation.statusReason : operation.phase
      return text === '' ? null : <span className="line-clamp-2 max-w-md break-words text-soft">{text}</span>
    },
  },
  { id: 'by', header: 'By', cell: (operation) => operation.requestedBy },
  {
    id: 'started',
    header: 'Started',
    isNumber: true,
    cell: (operation) => <RelativeTime atMs={operation.createdAtMs} />,
  },
  {
    id: 'took',
    header: 'Took',
    isNumber: true,
    cell: (operation) => <Elapsed startMs={operation.createdAtMs} endMs={operation.finishedAtMs} />,
  },
]
