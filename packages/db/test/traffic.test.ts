import { latencyBoundsMs, type SecondCounts } from '@skykeep/core/routes'
import { trafficWindows } from '@skykeep/core/traffic'
import type { Database } from '@skykeep/db/handles'
import { readCounts, recordCounts } from '@skykeep/db/request-counts'
import { lastCovered, readCoverage, readTraffic, sumTraffic, totalTraffic } from '@skykeep/db/traffic-reads'
import { deleteCoverage, deleteSteps, noteCoverage, prunableStep } from '@skykeep/db/traffic-rollups'
import { forEachDatabase } from '@skykeep/testing/databases'
import { expect, it } from 'vitest'

const start = 1_790_000_100
let seq = 0

function counted(second: number, change: Partial<SecondCounts>): SecondCounts {
  seq += 1
  return {
    seq,
    epoch: 'e',
    second: start + second,
    serviceUid: 'svc',
    started: 0,
    ended: 0,
    failed: 0,
    byClass: [0, 0, 0, 0],
    sumMs: 0,
    inFlightPeak: 0,
    ...change,
  }
}

function record(database: Database, counts: readonly SecondCounts[], epoch = 'e'): Promise<number> {
  const lastSeq = counts.at(-1)?.seq ?? 0
  return database.transaction((tx) => recordCounts(tx, { epoch, counts, lastSeq }))
}

/** One request each in that bucket. */
const took = (...buckets: readonly number[]): number[] =>
  Array.from({ length: latencyBoundsMs.length + 1 }, (_, at) => buckets.filter((one) => one === at).length)

const first = { version: 1, replicaId: 1 }
const second = { version: 2, replicaId: 2 }

forEachDatabase('requests for charts', (source) => {
  it('adds up by step, and by service, version and replica; a batch that comes again changes nothing', async () => {
    const { database } = await source.create()
    const counts = [
      counted(0, { started: 6, inFlight: 1 }),
      counted(0, { ...first, ended: 2, byClass: [2, 0, 0, 0], inFlight: 3, latency: took(3, 3) }),
      counted(0, { ...second, ended: 1, failed: 1, byClass: [0, 0, 0, 1], latency: took(15) }),
      counted(4, { ...first, ended: 1, byClass: [0, 0, 1, 0], inFlight: 2, latency: took(0) }),
      counted(4, { ended: 1, failed: 1, byClass: [0, 0, 0, 1], latency: took(7) }),
      counted(5, { ...first, ended: 4, byClass: [4, 0, 0, 0], latency: took(1, 1, 1, 1) }),
    ]
    await record(database, counts)
    await record(database, counts)
    const asked = { serviceUid: 'svc', window: trafficWindows['5m'], fromSecond: start }
    const byReplica = await readTraffic(database, { ...asked, by: 'replica' })
    expect(
      byReplica.map(({ startSecond, id, counts: { ended } }) => [startSecond - start, id, ended]),
    ).toEqual([
      [0, 0, 1],
      [0, 1, 3],
      [0, 2, 1],
      [5, 1, 4],
    ])
    expect(byReplica[1]?.counts).toMatchObject({ inFlight: 5, class4xx: 1, latency: took(3, 3, 0) })
    const byVersion = await readTraffic(database, { ...asked, by: 'version' })
    expect(byVersion.map(({ id, counts: { ended } }) => [id, ended])).toEqual([
      [0, 1],
      [1, 3],
      [2, 1],
      [1, 4],
    ])
    const whole = await readTraffic(database, { ...asked, window: trafficWindows['1h'], by: 'service' })
    expect(whole.map(({ id, counts: { ended, failed } }) => [id, ended, failed])).toEqual([
      [0, 1, 1],
      [1, 8, 1],
    ])
    expect(await readTraffic(database, { ...asked, serviceUid: 'other', by: 'service' })).toEqual([])
    // The autoscaler's ring is by version and knows nothing of replicas.
    const [ring] = await readCounts(database, { serviceUid: 'svc', fromSecond: start, toSecond: start })
    expect(ring).toMatchObject({ started: 6, ended: 3, failed: 1, latency: took(3, 3, 15) })
  })

  it('adds what several gateways and later batches say of the same step', async () => {
    const { database } = await source.create()
    const minute = { ...first, ended: 5, byClass: [5, 0, 0, 0] as const, sumMs: 10 }
    await record(database, [counted(0, minute)])
    await record(database, [counted(1, minute)])
    await record(database, [{ ...counted(1, minute), epoch: 'f' }], 'f')
    await record(database, [counted(2, { ...minute, serviceUid: 'other' })])
    const range = { stepSeconds: 5, fromSecond: start, toSecond: start + 5 }
    const sums = await sumTraffic(database, range)
    expect([sums.get('svc')?.ended, sums.get('other')?.ended]).toEqual([15, 5])
    const hour = await totalTraffic(database, trafficWindows['6h'], start - 3_600)
    expect([...hour.values()]).toEqual([20])
  })

  it('a large batch is whole: replicas and services beyond what one statement takes', async () => {
    const { database } = await source.create()
    const counts = Array.from({ length: 1_000 }, (_, at) =>
      counted(0, { serviceUid: `svc-${at % 10}`, version: 1, replicaId: at, ended: 1 }),
    )
    await record(database, counts)
    const sums = await sumTraffic(database, { stepSeconds: 60, fromSecond: start - 60, toSecond: start + 60 })
    expect([...sums.values()].map(({ ended }) => ended)).toEqual(Array.from({ length: 10 }, () => 100))
  })

  it('invariant 11: what lies between two covered stretches is missing; stretches that touch become one', async () => {
    const { database } = await source.create()
    const note = (from: number, to: number): Promise<boolean> =>
      database.transaction((tx) => noteCoverage(tx, from, to))
    expect(await lastCovered(database)).toBe(null)
    await note(100, 110)
    await note(105, 120)
    expect(await note(110, 115)).toBe(false)
    await note(130, 140)
    const covered = (): Promise<unknown> => readCoverage(database, 0)
    expect(await covered()).toEqual([
      { fromSecond: 100, toSecond: 120 },
      { fromSecond: 130, toSecond: 140 },
    ])
    // What a gateway kept while nobody took it is told of later.
    await note(121, 129)
    expect(await covered()).toEqual([{ fromSecond: 100, toSecond: 140 }])
    expect(await lastCovered(database)).toBe(140)
    // Counted while the clock stood ahead: it was set back since.
    const ahead = Math.floor(database.clock.now() / 1000) + 3_600
    await note(ahead, ahead + 5)
    expect(await covered()).toEqual([{ fromSecond: 100, toSecond: 140 }])
    expect(await lastCovered(database)).toBe(140)
    await database.transaction((tx) => deleteCoverage(tx, 141))
    expect(await covered()).toEqual([])
  })

  it('old steps go, each size after its own time', async () => {
    const { database } = await source.create()
    await record(database, [counted(0, { ...first, ended: 1 }), counted(600, { ...first, ended: 2 })])
    const floor = { stepSeconds: 5, beforeSecond: start + 300 }
    const through = await prunableStep(database, floor)
    expect(through).toBe(start)
    expect(await database.transaction((tx) => deleteSteps(tx, 5, through ?? 0))).toBe(1)
    expect(await prunableStep(database, floor)).toBe(null)
    const asked = { serviceUid: 'svc', by: 'service', fromSecond: start - 60 } as const
    const counts = async (range: '5m' | '6h'): Promise<number[]> =>
      (await readTraffic(database, { ...asked, window: trafficWindows[range] })).map(
        ({ counts: { ended } }) => ended,
      )
    expect(await counts('5m')).toEqual([2])
    expect(await counts('6h')).toEqual([1, 2])
  })
})
