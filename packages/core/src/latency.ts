import { latencyBoundsMs } from './routes.ts'

/**
 * The percentile of a histogram of `latencyBoundsMs`, milliseconds: inside its bucket as if durations lay evenly on a logarithmic
 * scale, so at most one bound (a factor of 2.5) from the truth. Null without requests. What took longer than the last bound counts as
 * that bound.
 * @param share 0 to 1, such as 0.95.
 */
export function percentileOf(latency: readonly number[], share: number): number | null {
  const total = latency.reduce((sum, count) => sum + count, 0)
  if (total === 0) return null
  const wanted = Math.max(total * share, Number.MIN_VALUE)
  let before = 0
  for (const [index, count] of latency.entries()) {
    if (before + count >= wanted) return between(index, (wanted - before) / count)
    before += count
  }
  return latencyBoundsMs.at(-1) ?? null
}

function between(bucket: number, part: number): number {
  const last = latencyBoundsMs.at(-1) ?? 0
  const upper = latencyBoundsMs[bucket] ?? last
  // The first bucket begins at 0, which has no logarithm.
  if (bucket === 0) return upper * part
  const lower = latencyBoundsMs[bucket - 1] ?? last
  return lower * (upper / lower) ** part
}
