import { requestFailures, slowestRecoveryMs } from '@skykeep/core/drill-figures'
import type { DrillResult } from '@skykeep/core/nouns'
import type { DrillView } from '@skykeep/core/views'
import { DataTable, type Column } from '#src/components/ui/data-table.tsx'
import { RelativeTime } from '#src/components/ui/relative-time.tsx'
import { StatusBadge } from '#src/components/ui/status-badge.tsx'
import { UrlChoice } from '#src/components/ui/url-choice.tsx'
import { count } from '#src/format/quantity.ts'
import { measured } from '#src/format/time.ts'
import { drillVisuals } from '#src/status/visuals.ts'
import { changeText, comparable, drillTitle } from './drill-text.ts'

interface Row {
  readonly drill: DrillView
  readonly result: DrillResult | null
  /** Of the drill before that killed the same. */
  readonly before: DrillResult | null
  readonly isChosen: boolean
}

const columns: readonly Column<Row>[] = [
  {
    id: 'drill',
    header: 'Killed',
    cell: ({ drill, isChosen }) => (
      <UrlChoice filter="drill" value={drill.uid} isChosen={isChosen}>
        {drillTitle(drill)}
      </UrlChoice>
    ),
  },
  {
    id: 'status',
    header: 'Result',
    cell: ({ drill }) => <StatusBadge visual={drillVisuals[drill.status]} />,
  },
  {
    id: 'requests',
    header: 'Requests',
    isNumber: true,
    cell: ({ result }) => (result === null ? null : count(result.requests)),
  },
  {
    id: 'failed',
    header: 'Failed',
    isNumber: true,
    cell: ({ result }) => (result === null ? null : count(requestFailures(result))),
  },
  {
    id: 'gap',
    header: 'Longest gap',
    isNumber: true,
    cell: (row) => compared(row, ({ longestGapMs }) => longestGapMs),
  },
  {
    id: 'recovered',
    header: 'Recovered after',
    isNumber: true,
    cell: (row) => compared(row, ({ rounds }) => slowestRecoveryMs(rounds)),
  },
  {
    id: 'when',
    header: 'When',
    isNumber: true,
    cell: ({ drill }) => <RelativeTime atMs={drill.startedAtMs} />,
  },
]

/** All drills that are kept, each against the one before that killed the same; a click shows one in full. */
export function DrillsTable({
  drills,
  chosen,
}: {
  readonly drills: readonly DrillView[]
  readonly chosen: string
}) {
  const rows = drills.map((drill) => ({
    drill,
    result: drill.result,
    before: comparable(drill, drills)?.result ?? null,
    isChosen: drill.uid === chosen,
  }))
  return <DataTable label="Drills" columns={columns} rows={rows} rowKey={({ drill }) => drill.uid} />
}

/** A time, and how it compares with the drill before. */
function compared({ result, before }: Row, timeOf: (result: DrillResult) => number | null) {
  const ms = result === null ? null : timeOf(result)
  if (ms === null) return null
  const change = before === null ? null : changeText(ms, timeOf(before))
  return (
    <>
      {measured(ms)}
      {change === null ? null : <span className="block text-[0.85rem] text-soft">{change}</span>}
    </>
  )
}
