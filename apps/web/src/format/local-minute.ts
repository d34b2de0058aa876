import { absoluteTime } from './time.ts'

/** `2026-03-01T14:03`, as a field for a date and a time wants it, in the reader's own time zone. */
export function localMinute(atMs: number): string {
  return absoluteTime(atMs).slice(0, 16).replace(' ', 'T')
}

/** The moment that such a text names, in ms since the epoch; null where it names none. */
export function timeOfLocal(text: string): number | null {
  const atMs = new Date(text).getTime()
  return Number.isFinite(atMs) && atMs >= 0 ? atMs : null
}

/** The moment that a URL carries as ms since the epoch; null for none and for nonsense. */
export function timeOfUrl(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null
}
