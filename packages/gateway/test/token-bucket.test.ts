import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TokenBucket } from '../src/token-bucket.ts'

/** How many of the requests that come at these times pass. */
function passed(bucket: TokenBucket, timesMs: readonly number[]): number {
  let count = 0
  for (const at of timesMs) {
    if (bucket.waitMs(at) > 0) continue
    bucket.take()
    count += 1
  }
  return count
}

const limits = fc.record({
  perSecond: fc.double({ min: 0.01, max: 10_000, noNaN: true }),
  burst: fc.integer({ min: 1, max: 1000 }),
})
const gaps = fc.array(fc.double({ min: 0, max: 5_000, noNaN: true }), { minLength: 1, maxLength: 300 })

function timesOf(gapsMs: readonly number[]): readonly number[] {
  let at = 0
  return gapsMs.map((gap) => (at += gap))
}

describe('a token bucket', () => {
  test('lets at most burst + rate × time through, in every stretch of time', () => {
    fc.assert(
      fc.property(limits, gaps, fc.nat(), fc.nat(), ({ perSecond, burst }, gapsMs, skip, take) => {
        const times = timesOf(gapsMs)
        const from = skip % times.length
        const bucket = new TokenBucket(perSecond, burst, 0)
        passed(bucket, times.slice(0, from))
        const stretch = times.slice(from, from + 1 + (take % times.length))
        const seconds = ((stretch.at(-1) ?? 0) - (stretch[0] ?? 0)) / 1000
        expect(passed(bucket, stretch)).toBeLessThanOrEqual(burst + perSecond * seconds + 1e-6)
      }),
    )
  })

  test('refuses nobody who waits as long as it says', () => {
    fc.assert(
      fc.property(limits, fc.integer({ min: 1, max: 50 }), ({ perSecond, burst }, count) => {
        const bucket = new TokenBucket(perSecond, burst, 0)
        passed(
          bucket,
          Array.from({ length: burst }, () => 0),
        )
        let now = 0
        for (let i = 0; i < count; i += 1) {
          now += bucket.waitMs(now) * (1 + 1e-9) + 1e-6
          expect(bucket.waitMs(now)).toBe(0)
          bucket.take()
        }
      }),
    )
  })

  test('keeps what it owes when its limits change, and never holds more than the new burst', () => {
    const bucket = new TokenBucket(1, 10, 0)
    expect(passed(bucket, [0, 0, 0, 0, 0, 0, 0, 0])).toBe(8)
    bucket.setLimits(1, 100)
    expect(passed(bucket, [0, 0, 0, 0])).toBe(2)
    bucket.setLimits(1000, 3)
    expect(passed(bucket, [60_000, 60_000, 60_000, 60_000])).toBe(3)
  })

  test('is not filled by a clock that stands still or goes back', () => {
    const bucket = new TokenBucket(1, 1, 5_000)
    expect(passed(bucket, [5_000, 5_000, 1_000, 5_500])).toBe(1)
    expect(bucket.waitMs(5_500)).toBe(500)
  })
})
