/** Fields whose values may hold a secret, at whatever depth: an error never repeats them. */
const neverShown = new Set(['yaml', 'secrets', 'envs', 'tls', 'code'])
const shownCharacters = 80

/** What stands at a path of a request, as JSON cut short; null where nothing stands there or it must not be shown. */
export function shownValue(path: readonly PropertyKey[], input: unknown): string | null {
  if (path.some((part) => neverShown.has(String(part)))) return null
  let value = input
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return null
    value = Reflect.get(value, part)
  }
  // What holds others may hold secrets.
  if (value === undefined || (typeof value === 'object' && value !== null)) return null
  const text = JSON.stringify(value)
  return text.length > shownCharacters ? `${text.slice(0, shownCharacters)}…` : text
}
