import type { ServiceView } from '@skykeep/core/views'
import { DecisionsCard } from './decisions-card.tsx'
import { ScheduleCard } from './schedule-card.tsx'
import { SpotLocationsCard } from './spot-locations-card.tsx'
import { TargetCard } from './target-card.tsx'

/** How many replicas, why, and when that changes. */
export function ScalingPanel({ service }: { readonly service: ServiceView }) {
  return (
    <>
      <div className="grid items-start gap-5 lg:grid-cols-2">
        <TargetCard service={service} />
        <ScheduleCard service={service} />
      </div>
      <DecisionsCard decisions={service.decisions} />
      <SpotLocationsCard locations={service.spotLocations} />
    </>
  )
}
