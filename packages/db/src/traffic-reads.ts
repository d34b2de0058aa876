import type { TrafficGroup, TrafficWindow } from '@skykeep/core/traffic'
import { Prisma } from './generated/sqlite/client.ts'
import type { Db } from './handles.ts'
import { latencyColumns } from './traffic-columns.ts'

/** Requests of one line of a chart in one step of time. */
export interface TrafficStep {
  readonly startSecond: number
  /** Version, replica, or 1 for the service as a whole; 0: of what reached no replica. */
  readonly id: number
  readonly counts: TrafficSum
}

export interface TrafficSum {
  readonly ended: number
  /** 5xx, broken ones, and those that got no replica. */
  readonly failed: number
  readonly class4xx: number
  readonly class5xx: number
  /** In flight, once a second, added up. */
  readonly inFlight: number
  readonly latency: readonly number[]
}

const sums = ['ended', 'failed', 'class_4xx', 'class_5xx', 'in_flight', ...latencyColumns]
const summed = Prisma.raw(sums.map((name) => `SUM(${name}) AS ${name}`).join(', '))

const idOf: Readonly<Record<TrafficGroup, Prisma.Sql>> = {
  service: Prisma.raw('CASE WHEN replica_id = 0 THEN 0 ELSE 1 END'),
  version: Prisma.raw('version'),
  replica: Prisma.raw('replica_id'),
}

export interface TrafficAsked {
  readonly serviceUid: string
  readonly window: TrafficWindow
  readonly by: TrafficGroup
  /** A multiple of the window's step, seconds since the Unix epoch. */
  readonly fromSecond: number
}

/** The steps of a service that have requests, oldest first. */
export async function readTraffic(
  db: Db,
  { serviceUid, window: { step, storedStep }, by, fromSecond }: TrafficAsked,
): Promise<TrafficStep[]> {
  const start = Prisma.raw(`start_second - start_second % ${step}`)
  const rows = await db.client.$queryRaw<SumRow[]>`
    SELECT ${start} AS start_second, ${idOf[by]} AS id, ${summed} FROM traffic_rollups
    WHERE service_uid = ${serviceUid} AND step_seconds = ${storedStep} AND start_second >= ${fromSecond}
    GROUP BY 1, 2 ORDER BY 1, 2`
  return rows.map((row) => ({
    startSecond: Number(row['start_second']),
    id: Number(row['id']),
    counts: toSum(row),
  }))
}

/** Requests of all services that had some, by service uid, over whole fine steps: from one second up to another, not included. */
export async function sumTraffic(
  db: Db,
  {
    stepSeconds,
    fromSecond,
    toSecond,
  }: { readonly stepSeconds: number } & Record<'fromSecond' | 'toSecond', number>,
): Promise<ReadonlyMap<string, TrafficSum>> {
  const rows = await db.client.$queryRaw<SumRow[]>`
    SELECT service_uid, ${summed} FROM traffic_rollups
    WHERE step_seconds = ${stepSeconds} AND start_second >= ${fromSecond} AND start_second < ${toSecond}
    GROUP BY service_uid`
  return new Map(rows.map((row) => [String(row['service_uid']), toSum(row)]))
}

/** Requests that ended in each step of all services together, by the second at which it began. */
export async function totalTraffic(
  db: Db,
  { step, storedStep }: TrafficWindow,
  fromSecond: number,
): Promise<ReadonlyMap<number, number>> {
  const start = Prisma.raw(`start_second - start_second % ${step}`)
  const rows = await db.client.$queryRaw<SumRow[]>`
    SELECT ${start} AS start_second, SUM(ended) AS ended FROM traffic_rollups
    WHERE step_seconds = ${storedStep} AND start_second >= ${fromSecond} GROUP BY 1`
  return new Map(rows.map((row) => [Number(row['start_second']), Number(row['ended'])]))
}

/** A stretch of seconds, both included. */
export interface Covered {
  readonly fromSecond: number
  readonly toSecond: number
}

/**
 * The stretches from a second on over which counts are whole, oldest first. What lies ahead was counted while a clock stood there that was
 * set back since, and is left out.
 */
export async function readCoverage(db: Db, fromSecond: number): Promise<readonly Covered[]> {
  return await db.client.trafficCoverage.findMany({
    where: { toSecond: { gte: fromSecond }, fromSecond: { lte: nowSecond(db) } },
    orderBy: { fromSecond: 'asc' },
  })
}

function nowSecond({ clock }: Db): number {
  return Math.floor(clock.now() / 1_000)
}

/** The last second up to now over which counts are whole; null: none yet. */
export async function lastCovered(db: Db): Promise<number | null> {
  const last = await db.client.trafficCoverage.findFirst({
    where: { fromSecond: { lte: nowSecond(db) } },
    orderBy: { toSecond: 'desc' },
  })
  return last?.toSecond ?? null
}

/** Sums come as bigint from one database and as number from the other. */
type SumRow = Readonly<Record<string, bigint | number | string>>

function toSum(row: SumRow): TrafficSum {
  return {
    ended: Number(row['ended']),
    failed: Number(row['failed']),
    class4xx: Number(row['class_4xx']),
    class5xx: Number(row['class_5xx']),
    inFlight: Number(row['in_flight']),
    latency: latencyColumns.map((name) => Number(row[name])),
  }
}
