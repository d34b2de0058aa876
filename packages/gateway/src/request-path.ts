const maxPathChars = 512

/** What of a request's target may be written down: no query, at most 512 characters. Pure. */
export function shownPath(target: string): string {
  const query = target.indexOf('?')
  return target.slice(0, Math.min(maxPathChars, query < 0 ? target.length : query))
}
