'use client'

import { Siren } from 'lucide-react'
import type { ServiceView } from '@skykeep/core/views'
import { Card } from '#src/components/ui/card.tsx'
import { EmptyState } from '#src/components/ui/empty-state.tsx'
import { useUrlFilters } from '#src/navigation/url-filters.ts'
import { useMay } from '#src/session/use-may.ts'
import { DrillButton } from './drill-button.tsx'
import { DrillDetail } from './drill-detail.tsx'
import { DrillsTable } from './drills-table.tsx'

/** Recovery drills: run one, follow it, and compare it with earlier ones. The chosen one is in the URL. */
export function DrillsCard({ service }: { readonly service: ServiceView }) {
  const url = useUrlFilters()
  const mayDrill = useMay('drill:run')
  const { drills, name } = service
  const chosen = drills.find(({ uid }) => uid === url.get('drill')) ?? drills[0]
  const isRunning = drills.some(({ status }) => status === 'RUNNING')
  return (
    <Card
      title="Recovery drills"
      actions={
        mayDrill ? (
          <DrillButton service={service} isRunning={isRunning} onStarted={() => url.set({ drill: null })} />
        ) : undefined
      }
      isFlush
    >
      {chosen === undefined ? (
        <EmptyState icon={Siren} title="No drill yet" command={`npx skykeep drill ${name} --kill worker`}>
          A drill kills a part under load and shows what it costs
          {mayDrill ? ': run one here, or in a terminal' : '; an admin may run one in a terminal'}:
        </EmptyState>
      ) : (
        <>
          <DrillDetail key={chosen.uid} drill={chosen} drills={drills} />
          <div className="border-t border-line">
            <DrillsTable drills={drills} chosen={chosen.uid} />
          </div>
        </>
      )}
    </Card>
  )
}
