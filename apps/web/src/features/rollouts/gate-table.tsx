import type { Rollout, RolloutGate } from '@skykeep/core/nouns'
import { DataTable, type Column } from '#src/components/ui/data-table.tsx'
import { StatusBadge } from '#src/components/ui/status-badge.tsx'
import { count } from '#src/format/quantity.ts'
import { gateVisuals } from '#src/status/visuals.ts'
import { sentence } from '../scaling/target-text.ts'
import { percentText } from './rollout-text.ts'

interface Side {
  readonly title: string
  readonly requests: number
  readonly errorRatio: number
  readonly p95Ms: number | null
}

const columns: readonly Column<Side>[] = [
  { id: 'side', header: 'In this step', cell: ({ title }) => <span className="font-medium">{title}</span> },
  { id: 'requests', header: 'Requests', isNumber: true, cell: ({ requests }) => count(requests) },
  { id: 'errors', header: 'Failed', isNumber: true, cell: ({ errorRatio }) => percentText(errorRatio) },
  {
    id: 'p95',
    header: 'p95 latency',
    isNumber: true,
    cell: ({ p95Ms }) => (p95Ms === null ? null : `${count(p95Ms)} ms`),
  },
]

/** What the gate of a canary last measured, new version against old, and what it made of it. */
export function GateTable({
  gate,
  rollout: { fromVersion, toVersion },
}: {
  readonly gate: RolloutGate
  readonly rollout: Pick<Rollout, 'fromVersion' | 'toVersion'>
}) {
  const rows: readonly Side[] = [
    { title: `Version ${toVersion} (new)`, ...gate },
    {
      title: `Version ${fromVersion}`,
      requests: gate.baselineRequests,
      errorRatio: gate.baselineErrorRatio,
      p95Ms: gate.baselineP95Ms,
    },
  ]
  return (
    <div>
      <p className="mb-2 flex flex-wrap items-center gap-2">
        <span className="font-medium">Gate</span>
        <StatusBadge visual={gateVisuals[gate.verdict]} />
        <span className="text-soft">{sentence(gate.reason)}</span>
      </p>
      <div className="overflow-x-auto rounded-md border border-line">
        <DataTable label="Gate" columns={columns} rows={rows} rowKey={({ title }) => title} />
      </div>
    </div>
  )
}
