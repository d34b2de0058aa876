/** What stands for a character that not every database keeps. */
const replacement = '\u{FFFD}'

/**
 * The value with every text in it as both databases keep it: PostgreSQL stores no NUL and no half of a surrogate pair, and one of them in the last
 * words of a workload must not stop a transaction there, nor a restore from SQLite later. Gives the same object where nothing is to be replaced.
 */
export function storable<T>(value: T): T {
  // Each branch gives back what it was given, in kind.
  return replaced(value) as T
}

function replaced(value: unknown): unknown {
  if (typeof value === 'string') return textOf(value)
  if (Array.isArray(value)) {
    const items = value.map(replaced)
    return items.some((item, index) => item !== value[index]) ? items : value
  }
  if (!isPlain(value)) return value
  const entries = Object.entries(value)
  const stored = entries.map(([key, held]) => [textOf(key), replaced(held)] as const)
  const isSame = stored.every(
    ([key, held], index) => key === entries[index]?.[0] && held === entries[index][1],
  )
  return isSame ? value : Object.fromEntries(stored)
}

function textOf(text: string): string {
  const whole = text.isWellFormed() ? text : text.toWellFormed()
  return whole.includes('\0') ? whole.replaceAll('\0', replacement) : whole
}

/** False for dates, bytes and Prisma's own kinds of null. */
function isPlain(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}
