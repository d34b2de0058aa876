import { Boxes } from 'lucide-react'
import type { ReplicaView } from '@skykeep/core/views'
import { Card } from '#src/components/ui/card.tsx'
import { DataTable, type Column } from '#src/components/ui/data-table.tsx'
import { EmptyState } from '#src/components/ui/empty-state.tsx'
import { RelativeTime } from '#src/components/ui/relative-time.tsx'
import { StatusBadge } from '#src/components/ui/status-badge.tsx'
import { outcomeVisuals, replicaVisuals } from '#src/status/visuals.ts'

const columns: readonly Column<ReplicaView>[] = [
  {
    id: 'id',
    header: 'Replica',
    cell: (replica) => (
      <span className="font-medium">
        <span className="md:hidden">Replica </span>
        {replica.id}
      </span>
    ),
  },
  {
    id: 'status',
    header: 'Status',
    cell: (replica) => (
      <div>
        <StatusBadge
          visual={replica.outcome === null ? replicaVisuals[replica.status] : outcomeVisuals[replica.outcome]}
        />
        {replica.notReadyReason === null || replica.notReadyReason === '' ? null : (
          <p className="mt-0.5 max-w-md text-[0.88rem] break-words text-soft">{replica.notReadyReason}</p>
        )}
      </div>
    ),
  },
  { id: 'version', header: 'Version', isNumber: true, cell: (replica) => replica.version },
  { id: 'infra', header: 'Infra', cell: (replica) => replica.infra },
  {
    id: 'endpoint',
    header: 'Address',
    cell: (replica) =>
      replica.endpoint === null ? null : <span className="font-mono">{replica.endpoint}</span>,
  },
  { id: 'pid', header: 'Process', isNumber: true, cell: (replica) => replica.pid },
  { id: 'exit', header: 'Exit code', isNumber: true, cell: (replica) => replica.exitCode },
  {
    id: 'since',
    header: 'Since',
    isNumber: true,
    cell: (replica) => <RelativeTime atMs={replica.statusChangedAtMs} />,
  },
]

/** Living replicas and, apart, the latest that ended. */
export function ReplicasCard({ replicas }: { readonly replicas: readonly ReplicaView[] }) {
  const living = replicas.filter((replica) => replica.status !== 'TERMINATED')
  const ended = replicas.filter((replica) => replica.status === 'TERMINATED')
  return (
    <>
      <Card title="Replicas" isFlush>
        {living.length === 0 ? (
          <EmptyState icon={Boxes} title="No replica now" />
        ) : (
          <DataTable label="Replicas" columns={columns} rows={living} rowKey={(replica) => replica.uid} />
        )}
      </Card>
      {ended.length === 0 ? null : (
        <Card title="Ended replicas" isFlush>
          <DataTable
            label="Ended replicas"
            columns={columns}
            rows={ended}
            rowKey={(replica) => replica.uid}
          />
        </Card>
      )}
    </>
  )
}
