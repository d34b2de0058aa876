import type { ServiceKeyView } from '@skykeep/core/service-key-views'
import { DataTable, type Column } from '#src/components/ui/data-table.tsx'
import { RelativeTime, TimeUntil, useNow } from '#src/components/ui/relative-time.tsx'
import { StatusBadge } from '#src/components/ui/status-badge.tsx'
import { keyVisuals } from '#src/status/visuals.ts'
import { keyStateOf } from './access-text.ts'
import { RevokeKeyButton } from './revoke-key-button.tsx'

interface Row {
  readonly service: string
  readonly key: ServiceKeyView
  readonly mayWrite: boolean
}

const columns: readonly Column<Row>[] = [
  {
    id: 'name',
    header: 'Key',
    className: 'min-w-32',
    cell: ({ key }) => <span className="break-all">{key.name}</span>,
  },
  { id: 'state', header: 'State', cell: ({ key }) => <KeyStateBadge of={key} /> },
  {
    id: 'ending',
    header: 'Last four',
    cell: ({ key }) => (key.ending === '' ? null : <code className="font-mono">…{key.ending}</code>),
  },
  {
    id: 'made',
    header: 'Made',
    cell: ({ key }) => (
      <>
        <RelativeTime atMs={key.createdAtMs} /> by {key.createdBy}
      </>
    ),
  },
  { id: 'end', header: 'Ends', cell: ({ key }) => <KeyEnd of={key} /> },
  {
    id: 'revoke',
    header: 'Revoke',
    cell: ({ service, key, mayWrite }) =>
      mayWrite && key.revokedAtMs === null ? <RevokeKeyButton service={service} name={key.name} /> : null,
  },
]

/** Every key that is kept, those that hold no longer too. */
export function KeysTable({
  name,
  keys,
  mayWrite,
}: {
  readonly name: string
  readonly keys: readonly ServiceKeyView[]
  readonly mayWrite: boolean
}) {
  const rows = keys.map((key) => ({ service: name, key, mayWrite }))
  return <DataTable label="Keys" columns={columns} rows={rows} rowKey={({ key }) => key.uid} />
}

function KeyStateBadge({ of }: { readonly of: ServiceKeyView }) {
  return <StatusBadge visual={keyVisuals[keyStateOf(of, useNow())]} />
}

function KeyEnd({ of }: { readonly of: ServiceKeyView }) {
  const nowMs = useNow()
  if (of.revokedAtMs !== null) return <RelativeTime atMs={of.revokedAtMs} />
  if (of.expiresAtMs === null) return 'Never by itself'
  return of.expiresAtMs <= nowMs ? (
    <RelativeTime atMs={of.expiresAtMs} />
  ) : (
    <TimeUntil atMs={of.expiresAtMs} />
  )
}
