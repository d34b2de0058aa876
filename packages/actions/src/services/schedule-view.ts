import type { Service } from '@skykeep/core/nouns'
import type { ServingSpec } from '@skykeep/core/service-spec'
import type { ScheduleView } from '@skykeep/core/views'

/** The off-hours in force: a person's win over those of the YAML. */
export function scheduleViewOf(service: Service, serving: ServingSpec | undefined): ScheduleView | null {
  const spec = service.schedule ?? serving?.schedule
  if (spec === undefined || spec.offHours.length === 0) return null
  return { spec, isOverride: service.schedule !== null, isOff: false, nextChangeAtMs: null }
}
