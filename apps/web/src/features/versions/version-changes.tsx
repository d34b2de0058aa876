import type { DiffChange, VersionDiffView } from '@skykeep/core/views'
import { DataTable, type Column } from '#src/components/ui/data-table.tsx'

const columns: readonly Column<DiffChange>[] = [
  { id: 'path', header: 'Setting', cell: ({ path }) => <span className="font-mono break-all">{path}</span> },
  { id: 'before', header: 'Before', cell: ({ before }) => code(before) },
  { id: 'after', header: 'After', cell: ({ after }) => code(after) },
  {
    id: 'effect',
    header: 'Replicas',
    cell: ({ replacesReplicas }) => (replacesReplicas ? 'Replaced' : 'Kept'),
  },
]

/** Each setting that is different, and whether replicas are replaced for it. */
export function VersionChanges({ diff: { changes, keepsReplicas } }: { readonly diff: VersionDiffView }) {
  return (
    <div className="border-b border-line">
      <p className="px-4 py-3">
        {keepsReplicas
          ? 'Only settings of the service are different: every replica is kept, and they apply at once.'
          : 'The task itself is different: its replicas are replaced.'}
      </p>
      {changes.length === 0 ? null : (
        <div className="border-t border-line">
          <DataTable label="Changes" columns={columns} rows={changes} rowKey={({ path }) => path} />
        </div>
      )}
    </div>
  )
}

function code(text: string | null) {
  if (text === null) return null
  return <span className="line-clamp-4 font-mono break-all">{text}</span>
}
