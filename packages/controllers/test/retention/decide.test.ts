import { array, assert, boolean, constant, integer, nat, property, record, uniqueArray } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isDiskLow, logCapBytes, surplusLogs, surplusVersions } from '@skykeep/controllers/retention/decide'

describe('which versions may go', () => {
  const version = record({ version: integer({ min: 1, max: 60 }), task: nat(59) })
  const facts = record({
    isServiceEnded: constant(false),
    versions: uniqueArray(version, { selector: (one) => one.version, maxLength: 40 }).map((all) =>
      // A task is from the version itself or from an earlier one.
      all.map(({ version: number, task }) => ({ version: number, taskVersion: 1 + (task % number) })),
    ),
    used: array(integer({ min: 1, max: 60 }), { maxLength: 6 }).map((used) => new Set(used)),
  })

  it('never one that is new, named, or the root of one that stays; always every other', () => {
    assert(
      property(facts, integer({ min: 1, max: 20 }), (given, keep) => {
        const going = new Set(surplusVersions(given, keep))
        const staying = given.versions.filter((one) => !going.has(one.version))
        const newest = given.versions
          .map((one) => one.version)
          .toSorted((a, b) => b - a)
          .slice(0, keep)
        expect(newest.filter((one) => going.has(one))).toEqual([])
        expect([...given.used].filter((one) => going.has(one))).toEqual([])
        expect(staying.map((one) => one.taskVersion).filter((root) => going.has(root))).toEqual([])
        const reasons = new Set([...newest, ...given.used, ...staying.map((one) => one.taskVersion)])
        expect(
          staying.every((one) => reasons.has(one.version)),
          'no more than that stays',
        ).toBe(true)
      }),
    )
  })

  it('all of a service that ended', () => {
    const versions = [3, 1, 2].map((number) => ({ version: number, taskVersion: 1 }))
    expect(surplusVersions({ isServiceEnded: true, versions, used: new Set([3]) }, 20)).toEqual([1, 2, 3])
  })
})

describe('which logs may go', () => {
  const log = record({
    path: constant(''),
    bytes: nat(1_000),
    atMs: nat(1_000),
    isLiving: boolean(),
  })
  const named = array(log, { maxLength: 30 }).map((logs) =>
    logs.map((one, index) => ({ ...one, path: String(index) })),
  )

  it('old ones and the oldest that do not fit, never one that lives, and none more', () => {
    assert(
      property(named, nat(20_000), nat(1_000), (logs, capBytes, beforeMs) => {
        const going = surplusLogs(logs, { capBytes, beforeMs })
        const staying = logs.filter((one) => !going.includes(one))
        expect(going.filter(({ isLiving }) => isLiving)).toEqual([])
        expect(staying.filter(({ isLiving, atMs }) => !isLiving && atMs < beforeMs)).toEqual([])
        const bytesOf = (all: readonly { readonly bytes: number }[]): number =>
          all.reduce((sum, { bytes }) => sum + bytes, 0)
        const endedStaying = staying.filter(({ isLiving }) => !isLiving)
        expect(endedStaying.length === 0 || bytesOf(staying) <= capBytes, 'what may go goes').toBe(true)
        const youngestGone = going.findLast(({ atMs }) => atMs >= beforeMs)
        const isNeeded = youngestGone === undefined || bytesOf([...staying, youngestGone]) > capBytes
        expect(isNeeded, 'without it they would fit').toBe(true)
        const isOldest = endedStaying.every(({ atMs }) => atMs >= (youngestGone?.atMs ?? 0))
        expect(isOldest, 'the oldest first').toBe(true)
      }),
    )
  })

  it('without a believed clock only by size', () => {
    const logs = [{ path: 'a', bytes: 5, atMs: 0, isLiving: false }]
    expect(surplusLogs(logs, { capBytes: 5, beforeMs: null })).toEqual([])
    expect(surplusLogs(logs, { capBytes: 4, beforeMs: null })).toEqual(logs)
  })
})

describe('a disk that is nearly full', () => {
  it('is low below the reserve and one hundredth of it', () => {
    const reserve = 64 << 20
    expect(isDiskLow({ freeBytes: reserve + 1e9, totalBytes: 1e11 }, reserve)).toBe(false)
    expect(isDiskLow({ freeBytes: reserve + 1e9 - 1, totalBytes: 1e11 }, reserve)).toBe(true)
  })

  it('tightens the cap by half of what is there, down to a sixteenth', () => {
    expect(logCapBytes(1_600, 500, false)).toBe(1_600)
    expect(logCapBytes(1_600, 500, true)).toBe(250)
    expect(logCapBytes(1_600, 9_000, true)).toBe(800)
    expect(logCapBytes(1_600, 120, true)).toBe(100)
  })
})
