import type { UnfinishedRequest } from '@skykeep/core/routes'
import type { ReplicaView } from '@skykeep/core/views'
import { Card } from '#src/components/ui/card.tsx'
import { DataTable, type Column } from '#src/components/ui/data-table.tsx'
import { RelativeTime } from '#src/components/ui/relative-time.tsx'
import { plural } from '#src/format/quantity.ts'

const kindLabels: Readonly<Record<UnfinishedRequest['kind'], string>> = {
  request: 'Request',
  stream: 'Stream',
  websocket: 'WebSocket',
}

/** Columns of a list of requests; replicas are named by their small number where it is known. */
export function requestColumns(replicas: readonly ReplicaView[]): readonly Column<UnfinishedRequest>[] {
  const idOf = new Map(replicas.map((replica) => [replica.uid, replica.id]))
  return [
    {
      id: 'request',
      header: 'Request',
      cell: (request) => (
        <span className="font-mono break-all">
          {request.method} {request.path}
        </span>
      ),
    },
    { id: 'kind', header: 'Kind', cell: (request) => kindLabels[request.kind] },
    {
      id: 'replica',
      header: 'Replica',
      isNumber: true,
      cell: (request) =>
        request.replicaUid === null ? 'Waiting' : (idOf.get(request.replicaUid) ?? request.replicaUid),
    },
    {
      id: 'since',
      header: 'Since',
      isNumber: true,
      cell: (request) => <RelativeTime atMs={request.sinceMs} />,
    },
  ]
}

/** Requests that a death cut off. */
export function UnfinishedRequests({
  requests,
  replicas,
}: {
  readonly requests: readonly UnfinishedRequest[]
  readonly replicas: readonly ReplicaView[]
}) {
  return (
    <Card
      title="Unfinished requests"
      note={requests.length === 0 ? undefined : plural(requests.length, 'request')}
      isFlush={requests.length > 0}
    >
      {requests.length === 0 ? (
        <p className="text-soft">
          None. A request that a failure cuts off after more than a quarter of a second stands here.
        </p>
      ) : (
        <DataTable
          label="Unfinished requests"
          columns={requestColumns(replicas)}
          rows={requests}
          rowKey={(request) => request.id}
        />
      )}
    </Card>
  )
}
