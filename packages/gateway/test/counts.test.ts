import { describe, expect, it } from 'vitest'
import { Counts } from '../src/counts.ts'

interface CountsAt {
  readonly counts: Counts
  at(ms: number): void
  /** Sets the wall clock; time goes on as before. */
  setWall(ms: number): void
}

function countsAt(startMs: number): CountsAt {
  let now = startMs
  let offset = 0
  const counts = new Counts('e', { now: () => now + offset, monotonicMs: () => now })
  return { counts, at: (ms) => (now = ms), setWall: (ms) => (offset = ms - now) }
}

const ok = [null, 200, false, 10] as const

describe('counts', () => {
  it('gives each second once it is over, until it is acked', () => {
    const { counts, at } = countsAt(1000)
    counts.of('s').start()
    counts.of('s').start()
    counts.of('s').end(...ok)
    expect(counts.after(0).counts).toEqual([])
    at(2000)
    const [first] = counts.after(0).counts
    expect(first).toMatchObject({
      second: 1,
      started: 2,
      ended: 1,
      failed: 0,
      inFlightPeak: 2,
      sumMs: 10,
      seq: 1,
    })
    expect(first?.byClass).toEqual([1, 0, 0, 0])
    expect(counts.after(0).counts).toHaveLength(1)
    counts.ack(1)
    expect(counts.after(0)).toMatchObject({ counts: [], completeToSecond: 1 })
  })

  it('keeps durations by bound and versions apart; those that wait are counted with version 0', () => {
    const { counts, at } = countsAt(1000)
    const counter = counts.of('s')
    for (let i = 0; i < 4; i += 1) counter.start()
    counter.park()
    counter.park()
    counter.unpark()
    const third = { replicaId: 7, version: 3, inFlight: 0 }
    counter.end(third, 200, false, 1)
    counter.end(third, 200, false, 1.1)
    counter.end({ replicaId: 5, version: 2, inFlight: 0 }, 200, false, 60_001)
    at(2000)
    const [none, three, two] = counts.after(0).counts
    expect(none).toMatchObject({ version: 0, started: 4, ended: 0, inFlightPeak: 4, parkedPeak: 2 })
    expect(three).toMatchObject({ version: 3, started: 0, ended: 2, inFlightPeak: 0 })
    expect(three?.latency?.slice(0, 2)).toEqual([1, 1])
    expect(two).toMatchObject({ version: 2, ended: 1 })
    expect(two?.latency?.at(-1)).toBe(1)
    at(3000)
    const [next] = counts.after(3).counts
    expect(next).toMatchObject({ second: 2, version: 0, inFlightPeak: 1, parkedPeak: 1 })
  })

  it('each replica of a version counts for itself, with what it has in flight when the second is over', () => {
    const { counts, at } = countsAt(1000)
    const counter = counts.of('s')
    const replicas = [1, 2, 3].map((replicaId) => ({ replicaId, version: 4, inFlight: 0 }))
    counter.follow(replicas)
    for (let i = 0; i < 6; i += 1) counter.start()
    counter.end(replicas[0] ?? null, 200, false, 3)
    counter.end(replicas[1] ?? null, 500, true, 3)
    replicas.forEach((replica, at) => (replica.inFlight = at))
    at(2000)
    const seen = counts.after(0).counts
    const one = { version: 4, started: 0, inFlightPeak: 0 }
    expect(seen).toMatchObject([
      { replicaId: 0, version: 0, started: 6, ended: 0, inFlight: 1, inFlightPeak: 6 },
      { ...one, replicaId: 1, ended: 1, failed: 0, inFlight: 0 },
      { ...one, replicaId: 2, ended: 1, failed: 1, inFlight: 1 },
      { ...one, replicaId: 3, ended: 0, inFlight: 2 },
    ])
  })

  it('a service that no table names is forgotten after its last request', () => {
    const { counts, at } = countsAt(1000)
    const counter = counts.of('s')
    counter.start()
    counter.isGone = true
    at(2000)
    counts.roll()
    expect(counts.of('s')).toBe(counter)
    counter.isGone = true
    counter.end(...ok)
    at(3000)
    counts.roll()
    expect(counts.after(0).counts.map(({ ended }) => ended)).toEqual([0, 1])
    expect(counts.of('s')).not.toBe(counter)
  })

  it('a request that lasts is seen in every second, with nothing started', () => {
    const { counts, at } = countsAt(1000)
    counts.of('s').start()
    for (const ms of [2000, 3000, 4000]) {
      at(ms)
      counts.roll()
    }
    counts.of('s').end(null, 503, true, 3000)
    at(5000)
    const { counts: seen } = counts.after(1)
    expect(seen.map(({ second, started, inFlightPeak }) => [second, started, inFlightPeak])).toEqual([
      [2, 0, 1],
      [3, 0, 1],
      [4, 0, 1],
    ])
    expect(seen.at(-1)).toMatchObject({ ended: 1, failed: 1, byClass: [0, 0, 0, 1] })
  })

  it.each([3_600_000, -3_600_000])('follows a wall clock that is set by %i ms, and says so', (jumpMs) => {
    const { counts, at, setWall } = countsAt(7_200_000)
    const second = 7200 + jumpMs / 1000
    counts.of('s').start()
    setWall(7_200_000 + jumpMs)
    counts.roll()
    expect(counts.sinceSecond).toBe(second + 1)
    counts.of('s').end(...ok)
    at(7_201_000)
    const { counts: seen, completeToSecond } = counts.after(0)
    expect(seen.map((one) => [one.second, one.started, one.ended])).toEqual([
      [7200, 1, 0],
      [second, 0, 1],
    ])
    expect(completeToSecond).toBe(second)
  })

  it('a small drift of the wall clock makes no loss', () => {
    const { counts, at, setWall } = countsAt(1000)
    setWall(2500)
    at(5000)
    counts.roll()
    expect(counts.sinceSecond).toBe(2)
    counts.noteLoss()
    expect(counts.sinceSecond).toBe(6)
  })

  it('invariant 11: keeps ten minutes when nobody acks', () => {
    const { counts, at } = countsAt(0)
    for (let second = 0; second < 2000; second += 1) {
      at(second * 1000)
      counts.roll()
      counts.of('s').start()
      counts.of('s').end(...ok)
    }
    expect(counts.after(0).counts.length).toBeLessThanOrEqual(601)
    expect(counts.after(0).lastSeq).toBe(1999)
    // What was dropped before anybody took it is missing, and it says so.
    expect(counts.sinceSecond).toBe(counts.after(0).counts[0]?.second)
  })

  it('invariant 11: a batch that is cut short does not claim to be complete', () => {
    const { counts, at } = countsAt(0)
    for (let i = 0; i < 6000; i += 1) counts.of(`s${i}`).start()
    at(1000)
    const first = counts.after(0)
    expect(first.counts).toHaveLength(5000)
    expect(first.completeToSecond).toBeUndefined()
    expect(counts.after(first.lastSeq).completeToSecond).toBe(0)
  })
})
