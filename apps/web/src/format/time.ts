import { count } from './quantity.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour

/** `12s ago`, `4 min ago`, `3 h ago`, `5 d ago`, from two times in ms since the epoch; a time ahead of `nowMs` (clocks differ) is `just now`. */
export function relativeTime(atMs: number, nowMs: number): string {
  const elapsedMs = nowMs - atMs
  if (elapsedMs < 5 * second) return 'just now'
  return `${coarse(elapsedMs)} ago`
}

/** `in 12 s`, `in 3 h 5 min`, from two times in ms since the epoch; `now` for a time that is reached. */
export function untilTime(atMs: number, nowMs: number): string {
  return atMs - nowMs < second ? 'now' : `in ${duration(atMs - nowMs)}`
}

/** The length of time between two instants as a person says it: `850 ms`, `12 s`, `4 min 10 s`, `3 h 5 min`, `2 d 4 h`. */
export function duration(ms: number): string {
  if (ms < second) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < minute) return `${Math.floor(ms / second)} s`
  if (ms < hour) return pair(ms, [minute, 'min'], [second, 's'])
  if (ms < day) return pair(ms, [hour, 'h'], [minute, 'min'])
  return pair(ms, [day, 'd'], [hour, 'h'])
}

/** A measured time: in milliseconds below ten seconds, so that two of them can be compared; `1 061 ms`, `12 s`. */
export function measured(ms: number): string {
  return ms < 10 * second ? `${count(ms)} ms` : duration(ms)
}

/** `2026-03-01 14:03:22` in the reader's own time zone. */
export function absoluteTime(atMs: number): string {
  const at = new Date(atMs)
  const two = (n: number): string => String(n).padStart(2, '0')
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${date} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}

function coarse(ms: number): string {
  if (ms < minute) return `${Math.floor(ms / second)} s`
  if (ms < hour) return `${Math.floor(ms / minute)} min`
  if (ms < 2 * day) return `${Math.floor(ms / hour)} h`
  return `${Math.floor(ms / day)} d`
}

function pair(ms: number, big: readonly [number, string], small: readonly [number, string]): string {
  const whole = Math.floor(ms / big[0])
  const rest = Math.floor((ms - whole * big[0]) / small[0])
  return rest === 0 ? `${whole} ${big[1]}` : `${whole} ${big[1]} ${rest} ${small[1]}`
}
