'use client'

import { useQuery } from '@tanstack/react-query'
import { Siren } from 'lucide-react'
import Link from 'next/link'
import { slowestRecoveryMs } from '@skykeep/core/drill-figures'
import type { DrillView } from '@skykeep/core/views'
import { DataTable, type Column } from '#src/components/ui/data-table.tsx'
import { EmptyState } from '#src/components/ui/empty-state.tsx'
import { RelativeTime } from '#src/components/ui/relative-time.tsx'
import { StatusBadge } from '#src/components/ui/status-badge.tsx'
import { plural } from '#src/format/quantity.ts'
import { measured } from '#src/format/time.ts'
import { drillVisuals } from '#src/status/visuals.ts'
import { useTRPC } from '#src/trpc/client.ts'
import { drillTitle } from '../drills/drill-text.ts'
import { QueryCard } from './query-card.tsx'

const columns: readonly Column<DrillView>[] = [
  {
    id: 'service',
    header: 'Service',
    cell: ({ serviceName, uid }) => (
      <Link
        href={`/services/${encodeURIComponent(serviceName)}?tab=recovery&drill=${encodeURIComponent(uid)}`}
        prefetch={false}
        className="font-medium wrap-anywhere text-accent hover:underline"
      >
        {serviceName}
      </Link>
    ),
  },
  { id: 'killed', header: 'Killed', cell: drillTitle },
  { id: 'result', header: 'Result', cell: ({ status }) => <StatusBadge visual={drillVisuals[status]} /> },
  {
    id: 'recovered',
    header: 'Recovered after',
    isNumber: true,
    cell: ({ result }) => {
      const ms = result === null ? null : slowestRecoveryMs(result.rounds)
      return ms === null ? null : measured(ms)
    },
  },
  {
    id: 'when',
    header: 'When',
    isNumber: true,
    cell: ({ startedAtMs }) => <RelativeTime atMs={startedAtMs} />,
  },
]

/** The last recovery drill of each service, with the way to it. */
export function LatestDrillsCard() {
  const trpc = useTRPC()
  const latest = useQuery(trpc.drills.latest.queryOptions())
  return (
    <QueryCard title="Last recovery drills" query={latest} kept="What the drills found is kept.">
      {({ drills, undrilledServices }) =>
        drills.length === 0 ? (
          <EmptyState icon={Siren} title="No service was drilled yet" command="npx skykeep drill NAME">
            A drill kills a part under load and shows what it costs: run one on a service’s Recovery tab, or
            in a terminal:
          </EmptyState>
        ) : (
          <>
            <DataTable label="Last drills" columns={columns} rows={drills} rowKey={({ uid }) => uid} />
            {undrilledServices === 0 ? null : (
              <p className="border-t border-line px-4 py-2 text-soft">
                {plural(undrilledServices, 'service was', 'services were')} never drilled.
              </p>
            )}
          </>
        )
      }
    </QueryCard>
  )
}
