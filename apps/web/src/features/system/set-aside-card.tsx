'use client'

import { useMutation } from '@tanstack/react-query'
import type { SystemView } from '@skykeep/core/views'
import { AskButton } from '#src/components/ui/ask-button.tsx'
import { Button } from '#src/components/ui/button.tsx'
import { Card } from '#src/components/ui/card.tsx'
import { DataTable, type Column } from '#src/components/ui/data-table.tsx'
import { useMay } from '#src/session/use-may.ts'
import { useTRPC } from '#src/trpc/client.ts'

type Row = SystemView['setAside'][number]

const columns: readonly Column<Row>[] = [
  { id: 'uid', header: 'Row', cell: (row) => <span className="font-mono break-all">{row.uid}</span> },
  { id: 'kind', header: 'Kind', cell: (row) => row.kind },
  { id: 'reason', header: 'Reason', cell: (row) => row.reason },
]

const withWayBack: readonly Column<Row>[] = [
  ...columns,
  { id: 'back', header: 'Try again', cell: (row) => <BringBackButton row={row} /> },
]

/** Rows that ended their worker three times, and the way back for each. */
export function SetAsideCard({ rows }: { readonly rows: readonly Row[] }) {
  const mayWrite = useMay('service:write')
  return (
    <Card title="Set aside" isFlush={rows.length > 0}>
      {rows.length === 0 ? (
        <p className="text-soft">
          None. A row that stops its worker three times is set aside here alone, with the reason.
        </p>
      ) : (
        <DataTable
          label="Set aside"
          rows={rows}
          rowKey={(row) => row.uid}
          columns={mayWrite ? withWayBack : columns}
        />
      )}
    </Card>
  )
}

function BringBackButton({ row: { uid, kind, reason } }: { readonly row: Row }) {
  const trpc = useTRPC()
  const bringBack = useMutation(trpc.system.bringBack.mutationOptions())
  return (
    <AskButton
      trigger={<Button>Bring back</Button>}
      title={`Try this ${kind} again?`}
      confirmLabel="Bring back"
      isDanger={false}
      asking={bringBack}
      input={{ uid }}
    >
      <p>
        It was set aside because {reason}. A worker takes it up at once; should it end its worker three times
        more, it is set aside again.
      </p>
    </AskButton>
  )
}
