import { weekdays, type Weekday } from '@skykeep/core/service-spec'
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
  const windows = spec.offHours.map(({ days, from, to }) => `${daysText(days)} ${from}-${to}`).join('; ')
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

/** `mon-fri`, `daily`, `mon,wed`: as a person types it. */
function daysText(days: readonly Weekday[]): string {
  const [first, last] = [days[0], days.at(-1)]
  if (days.length === weekdays.length) return 'daily'
  if (first === undefined || last === undefined || days.length < 3) return days.join(',')
  const isRange = weekdays.indexOf(last) - weekdays.indexOf(first) === days.length - 1
  return isRange ? `${first}-${last}` : days.join(',')
}
