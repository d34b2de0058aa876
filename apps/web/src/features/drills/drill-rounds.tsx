import { kindsText } from '@skykeep/core/drill-figures'
import type { DrillResult, DrillRound } from '@skykeep/core/nouns'
import { DataTable, type Column } from '#src/components/ui/data-table.tsx'
import { count } from '#src/format/quantity.ts'
import { measured } from '#src/format/time.ts'

interface Row extends DrillRound {
  readonly number: number
}

const columns: readonly Column<Row>[] = [
  { id: 'round', header: 'Round', cell: ({ number }) => <span className="font-medium">Round {number}</span> },
  {
    id: 'killed',
    header: 'Killed',
    cell: ({ killedPids }) => (killedPids.length === 0 ? null : `pid ${killedPids.join(', ')}`),
  },
  { id: 'requests', header: 'Requests', isNumber: true, cell: ({ requests }) => count(requests) },
  { id: 'failed', header: 'Failed', cell: (round) => kindsText(round) || 'None' },
  { id: 'repeated', header: 'Repeated', isNumber: true, cell: ({ repeated }) => count(repeated) },
  {
    id: 'gap',
    header: 'Longest gap',
    isNumber: true,
    cell: ({ longestGapMs }) => measured(longestGapMs),
  },
  { id: 'slowest', header: 'Slowest', isNumber: true, cell: ({ slowestMs }) => measured(slowestMs) },
  {
    id: 'recovered',
    header: 'Recovered after',
    isNumber: true,
    cell: ({ recoveredMs }) => (recoveredMs === null ? 'Not in time' : measured(recoveredMs)),
  },
]

/** The rounds of a drill, one a line; nothing before the first is over. */
export function DrillRounds({ rounds }: { readonly rounds: DrillResult['rounds'] }) {
  if (rounds.length === 0) return null
  return (
    <div className="overflow-x-auto rounded-md border border-line">
      <DataTable
        label="Rounds"
        columns={columns}
        rows={rounds.map((round, index) => ({ ...round, number: index + 1 }))}
        rowKey={({ number }) => String(number)}
      />
    </div>
  )
}
