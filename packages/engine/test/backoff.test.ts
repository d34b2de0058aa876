import { assert, double, integer, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { backoffMs } from '../src/backoff.ts'

describe('back-off', () => {
  it('doubles from 1 s to its cap of 5 minutes', () => {
    expect([1, 2, 3, 4, 9, 10, 1_000].map((failures) => backoffMs(failures, 1))).toEqual([
      1_000, 2_000, 4_000, 8_000, 256_000, 300_000, 300_000,
    ])
  })

  it('is never under half and never over the whole of its step', () => {
    assert(
      property(integer({ min: 0, max: 10_000 }), double({ min: 0, max: 0.999, noNaN: true }), (n, random) => {
        const ceiling = backoffMs(n, 1)
        const delay = backoffMs(n, random)
        expect(delay).toBeGreaterThanOrEqual(Math.floor(ceiling / 2))
        expect(delay).toBeLessThanOrEqual(ceiling)
      }),
    )
  })
})
