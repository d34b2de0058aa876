'use client'

import { useQuery } from '@tanstack/react-query'
import type { GatewayProcessView, PlaneView, QueueView } from '@skykeep/core/system-views'
import { Card } from '#src/components/ui/card.tsx'
import { DataTable, TableSkeleton, type Column } from '#src/components/ui/data-table.tsx'
import { ProblemNotice } from '#src/components/ui/problem-notice.tsx'
import { RelativeTime } from '#src/components/ui/relative-time.tsx'
import { count } from '#src/format/quantity.ts'
import { useTRPC } from '#src/trpc/client.ts'

const planeColumns: readonly Column<PlaneView>[] = [
  {
    id: 'role',
    header: 'Registered',
    cell: ({ role, pid, hostname }) => (
      <span className="break-all">
        <span className="font-medium">{role}</span> {pid} on {hostname}
      </span>
    ),
  },
  { id: 'fence', header: 'Fence', isNumber: true, cell: ({ fence }) => fence },
  { id: 'version', header: 'Version', cell: ({ version }) => version },
  {
    id: 'beat',
    header: 'Heartbeat',
    isNumber: true,
    cell: ({ heartbeatAtMs }) => <RelativeTime atMs={heartbeatAtMs} />,
  },
]

const gatewayColumns: readonly Column<GatewayProcessView>[] = [
  {
    id: 'slot',
    header: 'Gateway',
    cell: ({ slot, pid }) => (
      <>
        <span className="font-medium">{slot}</span> <span className="text-soft">pid {pid}</span>
      </>
    ),
  },
  { id: 'table', header: 'Table', isNumber: true, cell: ({ appliedVersion }) => appliedVersion },
  { id: 'flight', header: 'In flight', isNumber: true, cell: ({ inFlight }) => count(inFlight) },
  { id: 'parked', header: 'Waiting', isNumber: true, cell: ({ parked }) => count(parked) },
  {
    id: 'ejected',
    header: 'Ejected',
    cell: ({ ejections }) =>
      ejections.length === 0
        ? null
        : ejections.map(({ replicaUid, reason }) => `${replicaUid} (${reason})`).join(', '),
  },
  {
    id: 'unacked',
    header: 'Counts not taken',
    isNumber: true,
    cell: ({ unackedSeconds }) => (unackedSeconds === null ? null : `${unackedSeconds} s`),
  },
  {
    id: 'blocked',
    header: 'Blocked ports',
    cell: ({ blockedPorts }) =>
      blockedPorts.length === 0
        ? null
        : blockedPorts.map(({ port, reason }) => `${port} (${reason})`).join(', '),
  },
]

const queueColumns: readonly Column<QueueView>[] = [
  { id: 'kind', header: 'Queue', cell: ({ kind }) => <span className="font-medium">{kind}</span> },
  { id: 'due', header: 'Due', isNumber: true, cell: ({ due }) => count(due) },
  { id: 'held', header: 'Held', isNumber: true, cell: ({ held }) => count(held) },
  { id: 'later', header: 'Later', isNumber: true, cell: ({ later }) => count(later) },
  { id: 'aside', header: 'Set aside', isNumber: true, cell: ({ setAside }) => count(setAside) },
]

/** Who registered, what each gateway process has in hand, and what waits for a worker. */
export function MachineryCards() {
  const trpc = useTRPC()
  const machinery = useQuery(trpc.system.machinery.queryOptions())
  if (machinery.data === undefined) {
    return machinery.isError ? (
      <ProblemNotice
        error={machinery.error}
        kept="Services go on being served."
        onRetry={() => void machinery.refetch()}
      />
    ) : (
      <Card isFlush>
        <TableSkeleton rows={3} />
      </Card>
    )
  }
  const { planes, gateways, queues } = machinery.data
  return (
    <>
      <Card title="Worker queues" isFlush>
        <DataTable label="Worker queues" columns={queueColumns} rows={queues} rowKey={({ kind }) => kind} />
      </Card>
      <Card title="Instances" isFlush={planes.length > 0}>
        {planes.length === 0 ? (
          <p className="text-soft">None is registered: no worker and no web process holds the fence.</p>
        ) : (
          <DataTable label="Instances" columns={planeColumns} rows={planes} rowKey={({ uid }) => uid} />
        )}
      </Card>
      {gateways.length === 0 ? null : (
        <Card title="Gateway processes" isFlush>
          <DataTable
            label="Gateway processes"
            columns={gatewayColumns}
            rows={gateways}
            rowKey={({ slot }) => String(slot)}
          />
        </Card>
      )}
    </>
  )
}
