import type { Rollout } from '@skykeep/core/nouns'
import { Card } from '#src/components/ui/card.tsx'
import { DataTable, type Column } from '#src/components/ui/data-table.tsx'
import { Elapsed, RelativeTime } from '#src/components/ui/relative-time.tsx'
import { StatusBadge } from '#src/components/ui/status-badge.tsx'
import { rolloutVisuals } from '#src/status/visuals.ts'
import { sentence } from '../scaling/target-text.ts'
import { modeLabels } from './rollout-text.ts'

const columns: readonly Column<Rollout>[] = [
  {
    id: 'versions',
    header: 'Versions',
    cell: ({ fromVersion, toVersion }) => (
      <span className="font-medium whitespace-nowrap">
        {fromVersion} <span aria-hidden>→</span>
        <span className="sr-only">to</span> {toVersion}
      </span>
    ),
  },
  {
    id: 'status',
    header: 'Result',
    cell: ({ status, statusReason }) => (
      <div>
        <StatusBadge visual={rolloutVisuals[status]} />
        {statusReason === '' ? null : (
          <p className="mt-0.5 max-w-md text-[0.88rem] break-words text-soft">{sentence(statusReason)}</p>
        )}
      </div>
    ),
  },
  { id: 'mode', header: 'Mode', cell: ({ mode }) => modeLabels[mode] },
  {
    id: 'took',
    header: 'Took',
    isNumber: true,
    cell: ({ createdAtMs, finishedAtMs }) => <Elapsed startMs={createdAtMs} endMs={finishedAtMs} />,
  },
  {
    id: 'asked',
    header: 'Asked',
    isNumber: true,
    cell: ({ createdAtMs }) => <RelativeTime atMs={createdAtMs} />,
  },
]

/** Every way from one version to another, newest first; nothing where there was none. */
export function RolloutHistory({ rollouts }: { readonly rollouts: readonly Rollout[] }) {
  if (rollouts.length === 0) return null
  return (
    <Card title="Rollouts" isFlush>
      <DataTable label="Rollouts" columns={columns} rows={rollouts} rowKey={({ uid }) => uid} />
    </Card>
  )
}
