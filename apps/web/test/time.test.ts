import { describe, expect, it } from 'vitest'
import { duration, measured, relativeTime, untilTime } from '../src/format/time.ts'

describe('relativeTime', () => {
  it.each([
    [0, 'just now'],
    [-60_000, 'just now'],
    [4_999, 'just now'],
    [5_000, '5 s ago'],
    [59_999, '59 s ago'],
    [60_000, '1 min ago'],
    [3_599_999, '59 min ago'],
    [3_600_000, '1 h ago'],
    [47 * 3_600_000, '47 h ago'],
    [48 * 3_600_000, '2 d ago'],
  ])('%i ms back reads %s', (elapsedMs, expected) => {
    expect(relativeTime(1_000_000_000_000, 1_000_000_000_000 + elapsedMs)).toBe(expected)
  })
})

describe('duration', () => {
  it.each([
    [-5, '0 ms'],
    [850, '850 ms'],
    [12_900, '12 s'],
    [60_000, '1 min'],
    [250_000, '4 min 10 s'],
    [3 * 3_600_000 + 5 * 60_000, '3 h 5 min'],
    [52 * 3_600_000, '2 d 4 h'],
  ])('%i ms reads %s', (ms, expected) => {
    expect(duration(ms)).toBe(expected)
  })
})

it.each([
  [-5, 'now'],
  [999, 'now'],
  [12_000, 'in 12 s'],
  [11_100_000, 'in 3 h 5 min'],
])('%i ms ahead reads %s', (aheadMs, expected) => {
  expect(untilTime(1_000_000 + aheadMs, 1_000_000)).toBe(expected)
})

it.each([
  [0, '0 ms'],
  [1061, '1\u202f061 ms'],
  [9999, '9\u202f999 ms'],
  [12_400, '12 s'],
])('%i ms measured reads %s', (ms, expected) => {
  expect(measured(ms)).toBe(expected)
})
