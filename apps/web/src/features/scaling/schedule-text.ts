import { weekdays, type OffHours, type ScheduleSpec, type Weekday } from '@skykeep/core/service-spec'

export const weekdayLabels: Readonly<Record<Weekday, string>> = {
  mon: 'Mon',
  tue: 'Tue',
  wed: 'Wed',
  thu: 'Thu',
  fri: 'Fri',
  sat: 'Sat',
  sun: 'Sun',
}

/** `Every day`, `Mon–Fri`, `Mon, Wed`; in the order of the week. Pure. */
export function daysText(days: readonly Weekday[]): string {
  const chosen = weekdays.filter((day) => days.includes(day))
  if (chosen.length === weekdays.length) return 'Every day'
  const [first] = chosen
  const last = chosen.at(-1)
  if (first === undefined || last === undefined) return 'No day'
  const isRun = weekdays.indexOf(last) - weekdays.indexOf(first) === chosen.length - 1
  return isRun && chosen.length > 2
    ? `${weekdayLabels[first]}–${weekdayLabels[last]}`
    : chosen.map((day) => weekdayLabels[day]).join(', ')
}

/** `Mon–Fri, 19:00 to 07:00 of the next day`. Pure. */
export function windowText({ days, from, to }: OffHours): string {
  return `${daysText(days)}, ${from} to ${to}${to <= from ? ' of the next day' : ''}`
}

/** What is wrong with a schedule that somebody fills in, or null; the server checks again. Pure. */
export function scheduleProblem({
  timeZone,
  offHours,
  replicas,
  warmUpMinutes,
}: ScheduleSpec): string | null {
  if (timeZone.trim() === '') return 'Name a time zone, such as Europe/Berlin.'
  if (offHours.length === 0) return 'Add the hours in which fewer replicas are needed.'
  if (offHours.some(({ days }) => days.length === 0)) return 'Choose at least one day in each row.'
  if (offHours.some(({ from, to }) => from === '' || to === '')) return 'Fill in both times of each row.'
  if (!isWithin(replicas, 100)) return 'Replicas: a whole number from 0 to 100.'
  return isWithin(warmUpMinutes, 120) ? null : 'Warm-up: a whole number of minutes from 0 to 120.'
}

function isWithin(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max
}

/** The instant as the clock of a time zone shows it: `Mon 07:00`; null for a zone that the browser does not know. */
export function zoneTime(atMs: number, timeZone: string): string | null {
  try {
    return new Intl.DateTimeFormat('en-GB', {
      timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
    }).format(atMs)
  } catch {
    return null
  }
}
