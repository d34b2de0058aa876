import { SkykeepError } from '@skykeep/core/errors'

const unitMs: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * The moment that `--since` or `--until` means, ms since the epoch: `10m`, `2h` and `3d` count back from now; `2026-11-22T03:00` is by this
 * machine's clock unless it ends with a zone. Throws INVALID_INPUT.
 */
export function momentOf(option: string, text: string, nowMs: number): number {
  const ago = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text.trim())
  if (ago !== null) return Math.round(nowMs - Number(ago[1]) * (unitMs[ago[2] ?? ''] ?? 0))
  const isDate = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/.test(
    text.trim(),
  )
  // A date alone would be read as UTC.
  const dated = text.trim().length === 10 ? `${text.trim()}T00:00` : text.trim().replace(' ', 'T')
  const atMs = isDate ? Date.parse(dated) : Number.NaN
  if (!Number.isNaN(atMs)) return Math.max(0, atMs)
  throw new SkykeepError('INVALID_INPUT', `${option} ${JSON.stringify(text)}: not a time`, {
    hint: `Give how long ago (${option} 10m, 2h, 3d) or a date (${option} 2026-11-22T03:00).`,
  })
}
