'use client'

import { useQuery } from '@tanstack/react-query'
import type { LimitView } from '@skykeep/core/state-views'
import { DataTable, type Column } from '#src/components/ui/data-table.tsx'
import { count, plural } from '#src/format/quantity.ts'
import { useTRPC } from '#src/trpc/client.ts'
import { QueryCard } from './query-card.tsx'

const columns: readonly Column<LimitView>[] = [
  {
    id: 'meaning',
    header: 'Kept',
    cell: ({ meaning }) => <span className="inline-block first-letter:uppercase">{meaning}</span>,
  },
  { id: 'value', header: 'Limit', isNumber: true, cell: ({ value }) => count(value) },
  {
    id: 'key',
    header: 'Key of config.yaml',
    cell: ({ key, value, usual }) => (
      <>
        <span className="font-mono wrap-anywhere">{key}</span>
        {value === usual ? null : (
          <span className="block text-[0.88rem] text-soft">{count(usual)} unless it is set</span>
        )}
      </>
    ),
  },
]

/** How much of the past is kept: what was set first, the usual limits on demand. */
export function LimitsCard() {
  const trpc = useTRPC()
  const limits = useQuery(trpc.state.limits.queryOptions())
  return (
    <QueryCard title="How much is kept" query={limits} kept="The limits hold all the same.">
      {(data) => {
        const set = data.filter(({ value, usual }) => value !== usual)
        const usual = data.filter((limit) => limit.value === limit.usual)
        return (
          <>
            {set.length === 0 ? (
              <p className="px-4 py-3">
                The usual limits: config.yaml sets none under <span className="font-mono">retention</span>.
              </p>
            ) : (
              <Limits label="Limits that are set" limits={set} />
            )}
            <details className="border-t border-line">
              <summary className="px-4 py-2 text-soft">{plural(usual.length, 'usual limit')}</summary>
              <div className="border-t border-line">
                <Limits label="Usual limits" limits={usual} />
              </div>
            </details>
          </>
        )
      }}
    </QueryCard>
  )
}

function Limits({ label, limits }: { readonly label: string; readonly limits: readonly LimitView[] }) {
  return <DataTable label={label} columns={columns} rows={limits} rowKey={({ key }) => key} />
}
