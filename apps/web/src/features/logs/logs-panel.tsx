'use client'

import { ScrollText } from 'lucide-react'
import type { ReplicaView, ServiceView } from '@skykeep/core/views'
import { Card } from '#src/components/ui/card.tsx'
import { EmptyState } from '#src/components/ui/empty-state.tsx'
import { useUrlFilters } from '#src/navigation/url-filters.ts'
import { outcomeVisuals, replicaVisuals } from '#src/status/visuals.ts'
import { LogView } from './log-view.tsx'

/** The log of one replica at a time, chosen in the URL. */
export function LogsPanel({ service }: { readonly service: ServiceView }) {
  const url = useUrlFilters()
  const wanted = Number(url.get('replica'))
  const replica = service.replicas.find(({ id }) => id === wanted) ?? service.replicas[0]
  if (replica === undefined) {
    return (
      <Card>
        <EmptyState icon={ScrollText} title="No replica, so no log">
          Logs appear here as soon as the first replica starts.
        </EmptyState>
      </Card>
    )
  }
  return (
    <LogView
      key={replica.uid}
      service={service.name}
      replicaId={replica.id}
      choices={service.replicas.map((each) => ({ value: String(each.id), label: labelOf(each) }))}
      onChoose={(id) => url.set({ replica: id })}
    />
  )
}

function labelOf(replica: ReplicaView): string {
  const visual = replica.outcome === null ? replicaVisuals[replica.status] : outcomeVisuals[replica.outcome]
  return `Replica ${replica.id} (${visual.label.toLowerCase()})`
}
