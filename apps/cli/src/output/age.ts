const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1000],
] as const

/** How long ago, in the two largest units: `3m 12s`. Both times are milliseconds since the Unix epoch. */
export function age(atMs: number, nowMs: number): string {
  let rest = Math.max(0, nowMs - atMs)
  const parts: string[] = []
  for (const [unit, lengthMs] of units) {
    const count = Math.floor(rest / lengthMs)
    rest -= count * lengthMs
    if (count > 0 || parts.length > 0) parts.push(`${count}${unit}`)
    if (parts.length === 2) break
  }
  return parts.join(' ') || '0s'
}

/** `2026-11-22 14:03:07` in the machine's own time zone. */
export function clockTime(atMs: number): string {
  const at = new Date(atMs)
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}
