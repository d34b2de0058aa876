import { CircleMinus } from 'lucide-react'
import type { ReactNode } from 'react'
import { placeName } from '@skykeep/core/place'
import { takenOutWords, type TakenOutView } from '@skykeep/core/taken-out'
import type { ReplicaView } from '@skykeep/core/views'
import type { Column } from '#src/components/ui/data-table.tsx'
import { Elapsed, RelativeTime } from '#src/components/ui/relative-time.tsx'
import { StatusBadge } from '#src/components/ui/status-badge.tsx'
import { pricePerHour } from '#src/format/quantity.ts'
import { outcomeVisuals, replicaVisuals } from '#src/status/visuals.ts'

const id: Column<ReplicaView> = {
  id: 'id',
  header: 'Replica',
  cell: (replica) => (
    <span className="font-medium">
      <span className="hidden stacked:inline">Replica </span>
      {replica.id}
    </span>
  ),
}

const status: Column<ReplicaView> = {
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
      {replica.takenOut === null ? null : <TakenOut takenOut={replica.takenOut} />}
    </div>
  ),
}

function TakenOut({ takenOut }: { readonly takenOut: TakenOutView }) {
  const { reason, sinceMs } = takenOut
  const words = takenOutWords(takenOut)
  return (
    <p className="mt-0.5 flex max-w-md items-baseline gap-1 text-[0.88rem] text-warn">
      <CircleMinus aria-hidden className="size-3.5 shrink-0 self-center" />
      <span className="min-w-0 break-words">
        {words.charAt(0).toUpperCase() + words.slice(1)} for <Elapsed startMs={sinceMs} endMs={null} />:{' '}
        {reason}
      </span>
    </p>
  )
}

const place: Column<ReplicaView> = {
  id: 'place',
  header: 'Place',
  cell: (replica) => (
    <div>
      {placeName(replica)}
      {kindOf(replica) === '' ? null : <p className="text-[0.88rem] text-soft">{kindOf(replica)}</p>}
    </div>
  ),
}

const price: Column<ReplicaView> = {
  id: 'price',
  header: 'Price',
  isNumber: true,
  cell: ({ priceUsdPerHour }) => (priceUsdPerHour === 0 ? null : pricePerHour(priceUsdPerHour)),
}

const address: Column<ReplicaView> = {
  id: 'endpoint',
  header: 'Address',
  cell: (replica) =>
    replica.endpoint === null ? null : <span className="font-mono">{replica.endpoint}</span>,
}

const numbers: readonly Column<ReplicaView>[] = [
  { id: 'pid', header: 'Process', isNumber: true, cell: (replica) => replica.pid },
  { id: 'exit', header: 'Exit code', isNumber: true, cell: (replica) => replica.exitCode },
]

const since: Column<ReplicaView> = {
  id: 'since',
  header: 'Since',
  isNumber: true,
  cell: (replica) => <RelativeTime atMs={replica.statusChangedAtMs} />,
}

const version: Column<ReplicaView> = {
  id: 'version',
  header: 'Version',
  isNumber: true,
  cell: (replica) => replica.version,
}

/** Columns of a list of replicas: a price where anything has one, an exit code where anything ended with one, an action where there is one. */
export function columnsFor(
  replicas: readonly ReplicaView[],
  actionOf?: (replica: ReplicaView) => ReactNode,
): readonly Column<ReplicaView>[] {
  const isShown = ({ cell }: Column<ReplicaView>): boolean =>
    replicas.some((replica) => cell(replica) !== null)
  const action: Column<ReplicaView> = {
    id: 'action',
    header: 'Action',
    isNumber: true,
    cell: (replica) => actionOf?.(replica) ?? null,
  }
  const optional = [price, address, ...numbers].filter(isShown)
  return [id, status, version, place, ...optional, since, ...(isShown(action) ? [action] : [])]
}

/** `spot L4:1, g6.xlarge`; empty for a replica that is told apart by nothing of it. */
function kindOf({ isSpot, accelerator, instanceType, infra }: ReplicaView): string {
  // An infra with one kind of machine calls it by its own name: that says nothing more.
  return [
    [isSpot ? 'spot' : '', accelerator].filter(Boolean).join(' '),
    instanceType === infra ? '' : instanceType,
  ]
    .filter(Boolean)
    .join(', ')
}
