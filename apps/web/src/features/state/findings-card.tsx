'use client'

import { useQuery } from '@tanstack/react-query'
import { Stethoscope } from 'lucide-react'
import type { DoctorView, FindingView } from '@skykeep/core/state-views'
import { Button } from '#src/components/ui/button.tsx'
import { CommandLine } from '#src/components/ui/copy-button.tsx'
import { DataTable, type Column } from '#src/components/ui/data-table.tsx'
import { RelativeTime } from '#src/components/ui/relative-time.tsx'
import { StatusBadge } from '#src/components/ui/status-badge.tsx'
import { plural } from '#src/format/quantity.ts'
import { findingVisuals } from '#src/status/state-visuals.ts'
import { useTRPC } from '#src/trpc/client.ts'
import { sentence } from '../scaling/target-text.ts'
import { fixParts } from './fix-parts.ts'
import { QueryCard } from './query-card.tsx'

const columns: readonly Column<FindingView>[] = [
  {
    id: 'name',
    header: 'Check',
    cell: ({ name }) => <span className="inline-block font-medium first-letter:uppercase">{name}</span>,
  },
  { id: 'status', header: 'Result', cell: ({ status }) => <StatusBadge visual={findingVisuals[status]} /> },
  {
    id: 'detail',
    header: 'Found',
    cell: ({ detail, fix, status }) => (
      <div className="wrap-anywhere">
        <p>{detail}</p>
        {fix === null || status === 'ok' ? null : <Fix fix={fix} />}
      </div>
    ),
  },
]

/** What is wrong with the persistent path and what uses it, and what to do about each. */
export function FindingsCard() {
  const trpc = useTRPC()
  const doctor = useQuery(trpc.state.findings.queryOptions())
  return (
    <QueryCard
      title="Health of the state"
      query={doctor}
      kept="Nothing was changed: it is only looked at. Services go on being served."
      note={
        doctor.data === undefined ? undefined : (
          <>
            examined <RelativeTime atMs={doctor.data.atMs} />
          </>
        )
      }
      actions={
        <Button disabled={doctor.isFetching} onClick={() => void doctor.refetch()}>
          <Stethoscope aria-hidden />
          {doctor.isFetching ? 'Examining…' : 'Examine again'}
        </Button>
      }
    >
      {(data) => <Findings findings={data.findings} />}
    </QueryCard>
  )
}

function Findings({ findings }: Pick<DoctorView, 'findings'>) {
  const wrong = findings.filter(({ status }) => status !== 'ok')
  const fine = findings.filter(({ status }) => status === 'ok')
  const rowKey = ({ name, detail }: FindingView): string => `${name} ${detail}`
  return (
    <>
      {wrong.length === 0 ? (
        <p className="flex items-center gap-2.5 px-4 py-3">
          <findingVisuals.ok.icon aria-hidden className="size-4 text-ok" />
          Nothing is wrong: {plural(fine.length, 'check')} passed.
        </p>
      ) : (
        <DataTable label="Findings" columns={columns} rows={wrong} rowKey={rowKey} />
      )}
      {fine.length === 0 ? null : (
        <details className="border-t border-line">
          <summary className="px-4 py-2 text-soft">{plural(fine.length, 'check')} that passed</summary>
          <div className="border-t border-line">
            <DataTable label="Checks that passed" columns={columns} rows={fine} rowKey={rowKey} />
          </div>
        </details>
      )}
    </>
  )
}

function Fix({ fix }: { readonly fix: string }) {
  const { command, words } = fixParts(fix)
  return (
    <div className="mt-1 flex flex-col items-start gap-1">
      {words === '' ? null : <p className="text-soft">{sentence(words)}</p>}
      {command === null ? null : <CommandLine command={command} />}
    </div>
  )
}
