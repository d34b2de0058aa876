import { weekdays, type OffHours, type ScheduleSpec } from '@skykeep/core/service-spec'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { scheduleAt } from '../src/schedule.ts'

const minuteMs = 60_000
/** Every bound of a window here, and every change of a clock, is at a multiple of it. */
const stepMs = 5 * minuteMs
const dayMs = 86_400_000

/** Zones with the moments around which their clocks change: an hour, half an hour, at midnight, a whole day that is skipped. */
const changes: readonly (readonly [zone: string, around: string])[] = [
  ['Europe/Berlin', '2026-03-29T01:00Z'],
  ['Europe/Berlin', '2026-10-25T01:00Z'],
  ['America/New_York', '2026-03-08T07:00Z'],
  ['America/New_York', '2026-11-01T06:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T15:00Z'],
  ['Australia/Lord_Howe', '2026-10-03T15:30Z'],
  ['America/Santiago', '2026-09-06T04:00Z'],
  ['America/Santiago', '2026-04-05T03:00Z'],
  ['Pacific/Apia', '2011-12-30T10:00Z'],
  ['Asia/Kathmandu', '2026-06-01T00:00Z'],
]

/** What a clock on the wall shows, as milliseconds of a calendar without zones. */
function wallClock(timeZone: string): (ms: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  })
  return (ms) => {
    const parts = Object.fromEntries(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]))
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0 } = parts
    return Date.UTC(year, month - 1, day, hour, minute)
  }
}

function minutesOf(time: string): number {
  const [hours = '', minutes = ''] = time.split(':')
  return Number(hours) * 60 + Number(minutes)
}

/** Whether the calendar's moment lies within a window, by the calendar alone. */
function isWithin(windows: readonly OffHours[], wallMs: number): boolean {
  const midnight = Math.floor(wallMs / dayMs) * dayMs
  return windows.some(({ days, from, to }) =>
    [midnight, midnight - dayMs].some((date) => {
      const weekday = weekdays[(new Date(date).getUTCDay() + 6) % 7]
      const length = (minutesOf(to) - minutesOf(from) + 1440) % 1440 || 1440
      const start = date + minutesOf(from) * minuteMs
      return days.some((day) => day === weekday) && wallMs >= start && wallMs < start + length * minuteMs
    }),
  )
}

/** Off or not, step by step: a clock that is set back shows nothing new until it is where it was. */
function walk(schedule: ScheduleSpec, fromMs: number, steps: number): readonly boolean[] {
  const clock = wallClock(schedule.timeZone)
  let latest = clock(fromMs - dayMs)
  for (let ms = fromMs - dayMs; ms < fromMs; ms += stepMs) latest = Math.max(latest, clock(ms))
  return Array.from({ length: steps }, (_, index) => {
    latest = Math.max(latest, clock(fromMs + index * stepMs))
    return isWithin(schedule.offHours, latest)
  })
}

const time = fc
  .integer({ min: 0, max: 24 * 12 - 1 })
  .map(
    (five) => `${String(Math.floor(five / 12)).padStart(2, '0')}:${String((five % 12) * 5).padStart(2, '0')}`,
  )
const offHours = fc.array(
  fc.record({ days: fc.subarray([...weekdays], { minLength: 1 }), from: time, to: time }),
  {
    minLength: 1,
    maxLength: 4,
  },
)

/** What is wrong with the states of a schedule, given when it is off. */
function contradictions(
  schedule: ScheduleSpec,
  startMs: number,
  expected: readonly boolean[],
): readonly string[] {
  return expected.flatMap((isOff, index) => {
    const nowMs = startMs + index * stepMs
    const state = scheduleAt(schedule, nowMs)
    const next = expected.indexOf(!isOff, index)
    const flipMs = next === -1 ? null : startMs + next * stepMs
    const { opensAtMs, nextChangeAtMs } = state
    const warmUpMs = schedule.warmUpMinutes * minuteMs
    const rules: Readonly<Record<string, boolean>> = {
      isOff: state.isOff === isOff,
      opensAt: isOff ? flipMs === null || opensAtMs === flipMs : opensAtMs === null,
      closesAt: isOff || flipMs === null || nextChangeAtMs === flipMs,
      replicas: state.replicas === (isOff && !state.isWarmingUp ? schedule.replicas : null),
      isWarmingUp: state.isWarmingUp === (opensAtMs !== null && opensAtMs - nowMs <= warmUpMs),
      nextChange: nextChangeAtMs === null || nextChangeAtMs > nowMs,
    }
    const broken = Object.keys(rules).filter((rule) => rules[rule] === false)
    return broken.map((rule) => `${rule} at ${new Date(nowMs).toISOString()}: ${JSON.stringify(state)}`)
  })
}

it('any schedule around any change of the clocks is what a walk along the clock finds', () => {
  const warmUp = fc.integer({ min: 0, max: 90 })
  fc.assert(
    fc.property(
      fc.constantFrom(...changes),
      offHours,
      warmUp,
      ([timeZone, around], windows, warmUpMinutes) => {
        const schedule = { timeZone, offHours: windows, replicas: 0, warmUpMinutes }
        const startMs = Date.parse(around) - 12 * 60 * minuteMs
        expect(contradictions(schedule, startMs, walk(schedule, startMs, 30 * 12))).toEqual([])
      },
    ),
    { numRuns: 100 },
  )
}, 120_000)
