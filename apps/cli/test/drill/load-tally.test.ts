import { describe, expect, it } from 'vitest'
import { LoadTally } from '../../src/drill/load-tally.ts'

describe('what clients saw', () => {
  it('an answer is measured from when its request was due, not from when it was sent', () => {
    const tally = new LoadTally(0)
    tally.good(100, 900, false)
    expect(tally.total(900).slowestMs).toBe(800)
  })

  it('the longest gap begins with the last good answer before the death, and failures do not end it', () => {
    const tally = new LoadTally(0)
    tally.good(90, 100, false)
    tally.begin()
    tally.bad('connection refused')
    tally.good(480, 500, true)
    tally.good(520, 540, false)
    expect(tally.total(560)).toEqual({
      requests: 3,
      failed: { 'connection refused': 1 },
      repeated: 1,
      longestGapMs: 400,
      slowestMs: 20,
    })
  })

  it('a service that never answers again has a gap up to the end', () => {
    const tally = new LoadTally(0)
    tally.good(0, 10, false)
    tally.begin()
    tally.bad('timed out')
    tally.bad('timed out')
    expect(tally.total(5010)).toMatchObject({ requests: 2, failed: { 'timed out': 2 }, longestGapMs: 5000 })
    expect([tally.goodCount, tally.failedCount]).toEqual([0, 2])
  })
})
