'use client'

import { ScrollText } from 'lucide-react'
import type { ReplicaView, ServiceView } from '@skykeep/core/views'
import { Card } from '#src/components/ui/card.tsx'
import { EmptyState } from '#src/components/ui/empty-state.tsx'
import { useUrlFilters } from '#src/navigation/url-filters.ts'
import { outcomeVisuals, replicaVisuals } from '#src/status/visuals.ts'
import { LogFilters } from './log-filters.tsx'
import { momentOf } from './log-place.ts'
import { LogSearch } from './log-search.tsx'
import { LogView } from './log-view.tsx'

/** The log of one replica as it grows, or a search over what is stored of one or all; chosen in the URL. */
export function LogsPanel({ service }: { readonly service: ServiceView }) {
  const url = useUrlFilters()
  const wanted = url.get('replica')
  const replica = service.replicas.find(({ id }) => id === Number(wanted)) ?? service.replicas[0]
  if (replica === undefined) {
    return (
      <Card>
        <EmptyState icon={ScrollText} title="No replica, so no log">
          Logs appear here as soon as the first replica starts.
        </EmptyState>
      </Card>
    )
  }
  const isAll = wanted === 'all'
  const text = url.get('find') ?? ''
  const sinceMs = momentOf(url.get('since'))
  const untilMs = momentOf(url.get('until'))
  const isSearch = isAll || text !== '' || sinceMs !== undefined || untilMs !== undefined
  return (
    <>
      <div className="flex flex-wrap items-center gap-2">
        <LogFilters
          url={url}
          replica={isAll ? 'all' : String(replica.id)}
          choices={service.replicas.map((each) => ({ value: String(each.id), label: labelOf(each) }))}
        />
      </div>
      {isSearch ? (
        <LogSearch
          service={service.name}
          replicaId={isAll ? undefined : replica.id}
          text={text}
          sinceMs={sinceMs}
          untilMs={untilMs}
        />
      ) : (
        <LogView key={replica.uid} service={service.name} replicaId={replica.id} />
      )}
    </>
  )
}

function labelOf(replica: ReplicaView): string {
  const visual = replica.outcome === null ? replicaVisuals[replica.status] : outcomeVisuals[replica.outcome]
  return `Replica ${replica.id} (${visual.label.toLowerCase()})`
}
