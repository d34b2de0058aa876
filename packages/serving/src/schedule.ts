import { weekdays, type OffHours, type ScheduleSpec } from '@skykeep/core/service-spec'
import { Temporal } from 'temporal-polyfill'

/** What a schedule says at one moment. Times are milliseconds since the epoch. */
export interface ScheduleState {
  readonly isOff: boolean
  /** Off still, but the end is near: replicas start now, so that they are ready in time. */
  readonly isWarmingUp: boolean
  /** Replicas to run; null: as many as the load asks for. */
  readonly replicas: number | null
  /** When the off-hours end; null: it is open, or never opens. */
  readonly opensAtMs: number | null
  /** When any of the above changes; null: never. */
  readonly nextChangeAtMs: number | null
}

const open: ScheduleState = {
  isOff: false,
  isWarmingUp: false,
  replicas: null,
  opensAtMs: null,
  nextChangeAtMs: null,
}

/**
 * What the schedule says at `nowMs`. Pure. A bound is the first moment at which the zone's clocks have reached it: within an hour that
 * is skipped, the moment of the skip; within one that comes twice, the first time. Windows that overlap or touch are one.
 * A schedule that cannot be read (a zone that no longer exists) is never off.
 */
export function scheduleAt(schedule: ScheduleSpec, nowMs: number): ScheduleState {
  const off = nextOff(schedule, nowMs)
  if (off === null) return open
  if (off.startMs > nowMs) return { ...open, nextChangeAtMs: off.startMs }
  if (off.endMs === null) return { ...open, isOff: true, replicas: schedule.replicas }
  const warmUpAtMs = off.endMs - Math.max(0, schedule.warmUpMinutes) * 60_000
  const isWarmingUp = nowMs >= warmUpAtMs
  return {
    isOff: true,
    isWarmingUp,
    replicas: isWarmingUp ? null : schedule.replicas,
    opensAtMs: off.endMs,
    nextChangeAtMs: isWarmingUp ? off.endMs : warmUpAtMs,
  }
}

interface Off {
  readonly startMs: number
  /** Null: it has no end. */
  readonly endMs: number | null
}

/** A window lasts a day at most, and is 25 hours long where clocks are set back. */
const daysBack = 2
/** What has not ended after so long never does: it comes again each week, and a skipped hour hides an opening once. */
const daysAhead = 23
const endlessMs = 15 * 86_400_000

/** The off-hours that hold `nowMs`, else the next ones; null: none. */
function nextOff(schedule: ScheduleSpec, nowMs: number): Off | null {
  let held: { startMs: number; endMs: number } | null = null
  try {
    const { timeZone } = schedule
    const today = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(timeZone).toPlainDate()
    for (let day = -daysBack; day <= daysAhead; day += 1) {
      for (const window of windowsOn(today.add({ days: day }), schedule)) {
        if (window.endMs <= window.startMs) continue
        if (held !== null && window.startMs <= held.endMs) {
          held.endMs = Math.max(held.endMs, window.endMs)
        } else if (held !== null && held.endMs > nowMs) {
          return held
        } else {
          held = window
        }
      }
    }
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) return null
    throw error
  }
  if (held === null || held.endMs <= nowMs) return null
  return held.endMs - Math.max(nowMs, held.startMs) > endlessMs
    ? { startMs: held.startMs, endMs: null }
    : held
}

/** The windows that begin on the date, earliest first. */
function windowsOn(
  date: Temporal.PlainDate,
  { offHours, timeZone }: ScheduleSpec,
): readonly { startMs: number; endMs: number }[] {
  const weekday = weekdays[date.dayOfWeek - 1]
  return offHours
    .filter(({ days }) => days.some((day) => day === weekday))
    .map(({ from, to }) => ({
      startMs: firstMomentMs(date, from, timeZone),
      endMs: firstMomentMs(endsNextDay({ from, to }) ? date.add({ days: 1 }) : date, to, timeZone),
    }))
    .toSorted((a, b) => a.startMs - b.startMs)
}

function endsNextDay({ from, to }: Pick<OffHours, 'from' | 'to'>): boolean {
  return to <= from
}

function firstMomentMs(date: Temporal.PlainDate, time: string, timeZone: string): number {
  const wanted = date.toPlainDateTime(time)
  const moment = wanted.toZonedDateTime(timeZone, { disambiguation: 'earlier' })
  if (moment.toPlainDateTime().equals(wanted)) return moment.epochMilliseconds
  // The clocks skip it: `earlier` lies before the skip.
  return (moment.getTimeZoneTransition('next') ?? moment).epochMilliseconds
}
