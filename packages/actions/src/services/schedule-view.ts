import type { Service } from '@skykeep/core/nouns'
import type { ServingSpec } from '@skykeep/core/service-spec'
import type { ScheduleView } from '@skykeep/core/views'
import { scheduleAt } from '@skykeep/serving/schedule'

/** The off-hours in force: a person's win over those of the YAML. Null: none. */
export function scheduleViewOf(
  service: Service,
  serving: ServingSpec | undefined,
  nowMs: number,
): ScheduleView | null {
  const spec = service.schedule ?? serving?.schedule
  if (spec === undefined || spec.offHours.length === 0) return null
  const { isOff, nextChangeAtMs } = scheduleAt(spec, nowMs)
  return { spec, isOverride: service.schedule !== null, isOff, nextChangeAtMs }
}
