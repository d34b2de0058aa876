import { latencyBoundsMs } from '@skykeep/core/routes'
import { percentileOf } from '@skykeep/core/latency'
import { describe, expect, it } from 'vitest'

/** The histogram of these durations, as the gateway counts them. */
function histogram(durations: readonly number[]): number[] {
  const counts = [...latencyBoundsMs.map(() => 0), 0]
  for (const ms of durations) {
    const bucket = latencyBoundsMs.findIndex((bound) => ms <= bound)
    const at = bucket === -1 ? latencyBoundsMs.length : bucket
    counts[at] = (counts[at] ?? 0) + 1
  }
  return counts
}

describe('percentiles of a histogram', () => {
  it.each([0.5, 0.95, 0.99])(
    '%f lies within one bound of the exact one, also of merged histograms',
    (share) => {
      // Log-spaced from 0.7 ms to 30 s, in an order of no meaning.
      const durations = Array.from(
        { length: 5_000 },
        (_, at) => 0.7 * 43_000 ** (((at * 2_654_435) % 5_000) / 5_000),
      )
      const exact = durations.toSorted((a, b) => a - b)[Math.ceil(share * durations.length) - 1] ?? 0
      const one = histogram(durations.slice(0, 1_700))
      const other = histogram(durations.slice(1_700))
      const merged = one.map((count, at) => count + (other[at] ?? 0))
      const found = percentileOf(merged, share) ?? 0
      expect(found / exact).toBeGreaterThan(1 / 2.5)
      expect(found / exact).toBeLessThan(2.5)
    },
  )

  it('nothing, one, and what took longer than any bound', () => {
    expect(percentileOf([], 0.5)).toBe(null)
    expect(percentileOf(histogram([]), 0.5)).toBe(null)
    expect(percentileOf(histogram([7]), 0.99)).toBeCloseTo(10, 0)
    expect(percentileOf(histogram([90_000]), 0.5)).toBe(60_000)
    expect(percentileOf(histogram([0.2, 0.4]), 1)).toBe(1)
  })
})
