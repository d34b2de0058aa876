'use client'

import { Boxes } from 'lucide-react'
import type { ReactNode } from 'react'
import type { ReplicaView, ServiceView } from '@skykeep/core/views'
import { Card } from '#src/components/ui/card.tsx'
import { DataTable } from '#src/components/ui/data-table.tsx'
import { EmptyState } from '#src/components/ui/empty-state.tsx'
import { useMay } from '#src/session/use-may.ts'
import { columnsFor } from './replica-columns.tsx'
import { TerminateReplicaButton } from './terminate-replica-button.tsx'

/** Living replicas and, apart, the latest that ended. */
export function ReplicasCard({ service: { name, replicas } }: { readonly service: ServiceView }) {
  const mayWrite = useMay('service:write')
  const living = replicas.filter((replica) => replica.status !== 'TERMINATED')
  const ended = replicas.filter((replica) => replica.status === 'TERMINATED')
  return (
    <>
      <Card title="Replicas" isFlush>
        {living.length === 0 ? (
          <EmptyState icon={Boxes} title="No replica now" />
        ) : (
          <DataTable
            label="Replicas"
            columns={mayWrite ? columnsFor(living, endingIn(name)) : columnsFor(living)}
            rows={living}
            rowKey={(replica) => replica.uid}
          />
        )}
      </Card>
      {ended.length === 0 ? null : (
        <Card title="Ended replicas" isFlush>
          <DataTable
            label="Ended replicas"
            columns={columnsFor(ended)}
            rows={ended}
            rowKey={(replica) => replica.uid}
          />
        </Card>
      )}
    </>
  )
}

/** The way to end a replica that does not go already. */
function endingIn(name: string): (replica: ReplicaView) => ReactNode {
  return ({ id, status }) =>
    status === 'DRAINING' || status === 'SHUTTING_DOWN' ? null : (
      <TerminateReplicaButton name={name} replicaId={id} />
    )
}
