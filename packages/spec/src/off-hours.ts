import { weekdays, type OffHours, type Weekday } from '@skykeep/core/service-spec'
import { shorten } from './problem.ts'

const fullNames = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']
const daysHelp = `days are ${weekdays.join(', ')}, ranges such as mon-fri, or daily`
const timeHelp = 'times are HH:MM from 00:00 to 24:00'

export type ReadOffHours = { readonly offHours: OffHours } | { readonly problem: string }

/**
 * A window as a person types it: `mon-fri 20:00-07:00`, `sat,sun 00:00-24:00`, `daily 22:00-06:00`; without days: daily.
 * An end that is not after the beginning lies on the following day.
 * @returns the window, or a sentence that says what is wrong with it.
 */
export function parseOffHours(text: string): ReadOffHours {
  const match = text.length > 200 ? null : /^(?:(.*\S)\s+)?(\S+?)\s*-\s*(\S+)$/.exec(text.trim())
  if (match === null) {
    return { problem: `\`${shorten(text)}\` is no window: write for example \`mon-fri 20:00-07:00\`` }
  }
  const [, daysText = 'daily', fromText = '', toText = ''] = match
  const days = parseDays(daysText)
  if (days === undefined) return { problem: `\`${shorten(daysText)}\` names no days: ${daysHelp}` }
  const from = parseTime(fromText)
  if (from === undefined || from === '24:00')
    return { problem: `\`${shorten(fromText)}\` is no time to begin at: ${timeHelp}` }
  const to = parseTime(toText)
  if (to === undefined) return { problem: `\`${shorten(toText)}\` is no time to end at: ${timeHelp}` }
  return { offHours: windowOf(days, from, to) }
}

/** The window, with an end at midnight written one way. */
export function windowOf(days: readonly Weekday[], from: string, to: string): OffHours {
  return { days, from, to: to === '24:00' ? '00:00' : to }
}

/** `mon`, `mon-fri`, `fri-mon`, `mon,wed sat`, `daily`, in the order of the week; undefined: not days. */
export function parseDays(text: string): readonly Weekday[] | undefined {
  const parts = text
    .trim()
    .toLowerCase()
    .replaceAll(/\s*-\s*/g, '-')
    .split(/[\s,]+/)
  const ranges = parts.map((part) => rangeOf(part))
  const found = new Set(ranges.flatMap((range) => range ?? []))
  if (ranges.includes(undefined)) return undefined
  return weekdays.filter((day) => found.has(day))
}

function rangeOf(part: string): readonly Weekday[] | undefined {
  if (part === 'daily') return weekdays
  const [first = '', last = first, ...more] = part.split('-')
  const start = indexOfDay(first)
  const end = indexOfDay(last)
  if (start === -1 || end === -1 || more.length > 0) return undefined
  const length = ((end - start + 7) % 7) + 1
  return [...weekdays, ...weekdays].slice(start, start + length)
}

function indexOfDay(name: string): number {
  const index = fullNames.indexOf(name)
  return index === -1 ? weekdays.findIndex((day) => day === name) : index
}

/** `HH:MM`; the hour may have one digit. Undefined: not a time. */
export function parseTime(text: string): string | undefined {
  const [, hour = '', minute = ''] = /^(\d{1,2}):(\d\d)$/.exec(text.trim()) ?? []
  const isTime = hour !== '' && Number(minute) < 60 && Number(hour) * 60 + Number(minute) <= 24 * 60
  return isTime ? `${hour.padStart(2, '0')}:${minute}` : undefined
}
