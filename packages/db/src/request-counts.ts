import type { CountsBatch, SecondCounts } from '@skykeep/core/routes'
import type { Prisma } from './generated/sqlite/client.ts'
import type { Db, Tx } from './handles.ts'
import { fromMs } from './milliseconds.ts'

/** Seconds of counts that are kept for each service and gateway process life. */
export const countedSeconds = 1_800
/** Gateway process lives that are kept, newest first. */
const keptEpochs = 16

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
  for (const count of fresh) await addToRing(tx, batch.epoch, count)
  if (cursor === null) await forgetOldEpochs(tx)
  return lastSeq
}

async function addToRing(tx: Tx, epoch: string, count: SecondCounts): Promise<void> {
  const slot = count.second % countedSeconds
  const key = { serviceUid_epoch_slot: { serviceUid: count.serviceUid, epoch, slot } }
  const row = await tx.client.requestCount.findUnique({ where: key })
  if (row !== null && row.second === count.second) {
    await tx.client.requestCount.update({ where: key, data: sum(row, count) })
    return
  }
  // The slot belongs to the sequence, not to the clock: what comes later replaces, also after the clock was set back.
  const data = { second: count.second, ...ringValues(count) }
  await tx.client.requestCount.upsert({
    where: key,
    create: { serviceUid: count.serviceUid, epoch, slot, ...data },
    update: data,
  })
}

type RingRow = Prisma.RequestCountGetPayload<object>
type RingValues = Omit<RingRow, 'serviceUid' | 'epoch' | 'slot' | 'second'>

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
export type ServiceSecond = Omit<SecondCounts, 'seq' | 'epoch'>

export interface SecondsRange {
  readonly serviceUid: string
  /** Seconds since the Unix epoch; both belong to the range. A second that is missing was not counted: that is not 0. */
  readonly fromSecond: number
  readonly toSecond: number
}

/** The counted seconds of the range, oldest first. */
export async function readCounts(db: Db, range: SecondsRange): Promise<ServiceSecond[]> {
  const groups = await db.client.requestCount.groupBy({
    by: ['second'],
    where: { serviceUid: range.serviceUid, second: { gte: range.fromSecond, lte: range.toSecond } },
    _sum: {
      started: true,
      ended: true,
      failed: true,
      class2xx: true,
      class3xx: true,
      class4xx: true,
      class5xx: true,
      sumMs: true,
      inFlightPeak: true,
    },
    orderBy: { second: 'asc' },
  })
  return groups.map(({ second, _sum: total }) => ({
    second,
    serviceUid: range.serviceUid,
    started: total.started ?? 0,
    ended: total.ended ?? 0,
    failed: total.failed ?? 0,
    byClass: [total.class2xx ?? 0, total.class3xx ?? 0, total.class4xx ?? 0, total.class5xx ?? 0],
    sumMs: Number(total.sumMs ?? 0),
    inFlightPeak: total.inFlightPeak ?? 0,
  }))
}
