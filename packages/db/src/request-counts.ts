import type { CountsBatch, SecondCounts } from '@skykeep/core/routes'
import type { Prisma } from './generated/sqlite/client.ts'
import type { Db, Tx } from './handles.ts'
import { fromMs } from './milliseconds.ts'
import { addToRollups } from './traffic-rollups.ts'

/** Seconds of counts that are kept for each service and gateway process life. */
export const countedSeconds = 1_800
/** Gateway process lives that are kept, newest first: twice as many as may live at once, so that no living one is forgotten. */
const keptEpochs = 128

/**
 * Adds a gateway's counts, each sequence number once: a batch that comes again after a lost ack changes nothing.
 * @returns the number to ack: the highest that is stored for the epoch.
 */
export async function recordCounts(tx: Tx, batch: CountsBatch): Promise<number> {
  const cursor = await tx.client.gatewayCursor.findUnique({ where: { epoch: batch.epoch } })
  const stored = cursor?.lastSeq ?? 0
  const fresh = batch.counts.filter((count) => count.seq > stored)
  const lastSeq = Math.max(stored, batch.lastSeq, ...fresh.map((count) => count.seq))
  const seen = { lastSeq, seenAtMs: fromMs(tx.clock.now()) }
  await tx.client.gatewayCursor.upsert({
    where: { epoch: batch.epoch },
    create: { epoch: batch.epoch, ...seen },
    update: seen,
  })
  for (const count of byVersion(fresh)) await addToRing(tx, batch.epoch, count)
  await addToRollups(tx, fresh)
  if (cursor === null) await forgetOldEpochs(tx)
  return lastSeq
}

/** The ring is by version: replicas of one second are added up before they are written. */
function byVersion(counts: readonly SecondCounts[]): Iterable<SecondCounts> {
  const sums = new Map<string, SecondCounts>()
  for (const count of counts) {
    const { serviceUid, second, version = 0 } = count
    const id = `${serviceUid} ${second} ${version}`
    const before = sums.get(id)
    sums.set(id, before === undefined ? count : { ...count, ...addCounts(before, count) })
  }
  return sums.values()
}

function addCounts(a: SecondCounts, b: SecondCounts): Partial<SecondCounts> {
  return addSeconds(
    { ...a, parkedPeak: a.parkedPeak ?? 0, latency: a.latency ?? [] },
    { ...b, parkedPeak: b.parkedPeak ?? 0, latency: b.latency ?? [] },
  )
}

async function addToRing(tx: Tx, epoch: string, count: SecondCounts): Promise<void> {
  const slot = count.second % countedSeconds
  const version = count.version ?? 0
  const id = { serviceUid: count.serviceUid, version, epoch, slot }
  const key = { serviceUid_version_epoch_slot: id }
  const row = await tx.client.requestCount.findUnique({ where: key })
  if (row !== null && row.second === count.second) {
    await tx.client.requestCount.update({ where: key, data: sum(row, count) })
    return
  }
  // The slot belongs to the sequence, not to the clock: what comes later replaces, also after the clock was set back.
  const data = { second: count.second, ...ringValues(count) }
  await tx.client.requestCount.upsert({
    where: key,
    create: { ...id, ...data },
    update: data,
  })
}

type RingRow = Prisma.RequestCountGetPayload<object>
type RingValues = Omit<
  RingRow,
  'serviceUid' | 'version' | 'epoch' | 'slot' | 'second' | 'latency' | 'latencyVersion'
> & { readonly latency: number[] }

function ringValues(count: SecondCounts): RingValues {
  const [class2xx, class3xx, class4xx, class5xx] = count.byClass
  const { started, ended, failed, inFlightPeak } = count
  return {
    started,
    ended,
    failed,
    class2xx,
    class3xx,
    class4xx,
    class5xx,
    sumMs: fromMs(count.sumMs),
    inFlightPeak,
    parkedPeak: count.parkedPeak ?? 0,
    latency: [...(count.latency ?? [])],
  }
}

function sum(row: RingRow, count: SecondCounts): RingValues {
  const more = ringValues(count)
  return {
    started: row.started + more.started,
    ended: row.ended + more.ended,
    failed: row.failed + more.failed,
    class2xx: row.class2xx + more.class2xx,
    class3xx: row.class3xx + more.class3xx,
    class4xx: row.class4xx + more.class4xx,
    class5xx: row.class5xx + more.class5xx,
    sumMs: row.sumMs + more.sumMs,
    inFlightPeak: Math.max(row.inFlightPeak, more.inFlightPeak),
    parkedPeak: Math.max(row.parkedPeak, more.parkedPeak),
    latency: addLatency(latencyOf(row), more.latency),
  }
}

async function forgetOldEpochs(tx: Tx): Promise<void> {
  const old = await tx.client.gatewayCursor.findMany({
    orderBy: [{ seenAtMs: 'desc' }, { epoch: 'desc' }],
    skip: keptEpochs,
    select: { epoch: true },
  })
  if (old.length === 0) return
  await tx.client.gatewayCursor.deleteMany({ where: { epoch: { in: old.map((row) => row.epoch) } } })
}

/** What `GET /counts?after=` is asked with: the highest number stored of that process life, 0 before the first. */
export async function countsCursor(db: Db, epoch: string): Promise<number> {
  return (await db.client.gatewayCursor.findUnique({ where: { epoch } }))?.lastSeq ?? 0
}

/** Requests of a service in one second, over all gateway processes. */
export type ServiceSecond = Required<
  Omit<SecondCounts, 'seq' | 'epoch' | 'version' | 'replicaId' | 'inFlight'>
>

export interface SecondsRange {
  readonly serviceUid: string
  /** Seconds since the Unix epoch; both belong to the range. A second that is missing was not counted: that is not 0. */
  readonly fromSecond: number
  readonly toSecond: number
  /** Only requests that these versions answered; absent: all, also those that none answered. */
  readonly versions?: readonly number[]
}

/** The counted seconds of the range, oldest first. */
export async function readCounts(db: Db, range: SecondsRange): Promise<ServiceSecond[]> {
  const rows = await db.client.requestCount.findMany({
    where: {
      serviceUid: range.serviceUid,
      second: { gte: range.fromSecond, lte: range.toSecond },
      ...(range.versions === undefined ? {} : { version: { in: [...range.versions] } }),
    },
    orderBy: { second: 'asc' },
  })
  const seconds = new Map<number, ServiceSecond>()
  for (const row of rows) {
    const before = seconds.get(row.second)
    const more = toSecond(row)
    seconds.set(row.second, before === undefined ? more : addSeconds(before, more))
  }
  return [...seconds.values()]
}

function toSecond(row: RingRow): ServiceSecond {
  return {
    second: row.second,
    serviceUid: row.serviceUid,
    started: row.started,
    ended: row.ended,
    failed: row.failed,
    byClass: [row.class2xx, row.class3xx, row.class4xx, row.class5xx],
    sumMs: Number(row.sumMs),
    inFlightPeak: row.inFlightPeak,
    parkedPeak: row.parkedPeak,
    latency: latencyOf(row),
  }
}

/** Peaks of different processes and versions may have been at once: they add up. */
function addSeconds(a: ServiceSecond, b: ServiceSecond): ServiceSecond {
  return {
    ...a,
    started: a.started + b.started,
    ended: a.ended + b.ended,
    failed: a.failed + b.failed,
    byClass: [
      a.byClass[0] + b.byClass[0],
      a.byClass[1] + b.byClass[1],
      a.byClass[2] + b.byClass[2],
      a.byClass[3] + b.byClass[3],
    ],
    sumMs: a.sumMs + b.sumMs,
    inFlightPeak: a.inFlightPeak + b.inFlightPeak,
    parkedPeak: a.parkedPeak + b.parkedPeak,
    latency: addLatency(a.latency, b.latency),
  }
}

function addLatency(a: readonly number[], b: readonly number[]): number[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, index) => (a[index] ?? 0) + (b[index] ?? 0))
}

function latencyOf({ latency }: Pick<RingRow, 'latency'>): number[] {
  return Array.isArray(latency) ? latency.map(Number) : []
}
