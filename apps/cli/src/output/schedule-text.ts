import type { ScheduleView, ServiceView } from '@skykeep/core/views'
import { clockTime } from './age.ts'

/** Pause and off-hours in a person's words. */
export function scheduleLines({
  schedule,
  isPaused,
  name,
}: Pick<ServiceView, 'schedule' | 'isPaused' | 'name'>): readonly string[] {
  const pause = isPaused ? [`paused    until \`npx skykeep serve resume ${name}\``] : []
  if (schedule === null) return isPaused ? pause : ['off-hours none']
  const { spec } = schedule
  const windows = spec.offHours.map(({ days, from, to }) => `${days.join(',')} ${from}-${to}`).join('; ')
  const run = spec.replicas === 0 ? 'no replica' : `replicas ${spec.replicas}`
  const origin = schedule.isOverride ? 'set on the service' : 'of the YAML'
  return [
    ...pause,
    `off-hours ${windows}  ${spec.timeZone}, ${run}, warm-up ${spec.warmUpMinutes} min, ${origin}`,
    `now       ${nowOf(schedule)}`,
  ]
}

function nowOf({ isOff, nextChangeAtMs }: ScheduleView): string {
  const next = nextChangeAtMs === null ? 'for good' : `until ${clockTime(nextChangeAtMs)}`
  return `${isOff ? 'off' : 'open'} ${next}`
}
