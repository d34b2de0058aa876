import type { SecondCounts } from '@skykeep/core/routes'
import { trafficSteps } from '@skykeep/core/traffic'
import { Prisma } from './generated/sqlite/client.ts'
import type { Tx } from './handles.ts'
import { latencyColumns } from './traffic-columns.ts'

/** Rows of one statement: 29 values each, far below what either database takes (32,766). */
const rowsAtOnce = 200
const keyColumns = ['service_uid', 'step_seconds', 'start_second', 'version', 'replica_id'] as const
const countColumns = [
  'ended',
  'failed',
  'class_2xx',
  'class_3xx',
  'class_4xx',
  'class_5xx',
  'sum_ms',
  'in_flight',
  ...latencyColumns,
] as const
const columns = Prisma.raw([...keyColumns, ...countColumns].join(', '))
const key = Prisma.raw(keyColumns.join(', '))
const added = Prisma.raw(
  countColumns.map((name) => `${name} = traffic_rollups.${name} + excluded.${name}`).join(', '),
)

/**
 * Adds counts to the steps of time that they fall into. Each count once: the caller has left out those that are stored already, in the
 * same transaction.
 */
export async function addToRollups(tx: Tx, counts: readonly SecondCounts[]): Promise<void> {
  const rows = new Map<string, RollupRow>()
  for (const count of counts) {
    for (const step of Object.values(trafficSteps)) {
      const start = count.second - (count.second % step)
      const id = `${count.serviceUid} ${step} ${start} ${count.version ?? 0} ${count.replicaId ?? 0}`
      const row = rows.get(id)
      if (row === undefined) rows.set(id, { count, step, start, values: valuesOf(count) })
      else for (const [at, value] of valuesOf(count).entries()) row.values[at] = (row.values[at] ?? 0) + value
    }
  }
  const all = [...rows.values()]
  for (let at = 0; at < all.length; at += rowsAtOnce) {
    const values = Prisma.join(all.slice(at, at + rowsAtOnce).map(toValues))
    await tx.client.$executeRaw`
      INSERT INTO traffic_rollups (${columns}) VALUES ${values} ON CONFLICT (${key}) DO UPDATE SET ${added}`
  }
}

interface RollupRow {
  /** Any of its counts: all have its service, version and replica. */
  readonly count: SecondCounts
  readonly step: number
  readonly start: number
  readonly values: number[]
}

/** In the order of `countColumns`. */
function valuesOf({ ended, failed, byClass, sumMs, inFlight, latency }: SecondCounts): number[] {
  const durations = latencyColumns.map((_, bucket) => latency?.[bucket] ?? 0)
  return [ended, failed, ...byClass, Math.round(sumMs), inFlight ?? 0, ...durations]
}

function toValues({ count, step, start, values }: RollupRow): Prisma.Sql {
  const id = [count.serviceUid, step, start, count.version ?? 0, count.replicaId ?? 0]
  return Prisma.sql`(${Prisma.join([...id, ...values])})`
}

/**
 * Notes that the counts of all gateways are whole over these seconds, both included; what lies between two notes is missing.
 * @returns false when that was known.
 */
export async function noteCoverage(tx: Tx, fromSecond: number, toSecond: number): Promise<boolean> {
  const touching = await tx.client.trafficCoverage.findMany({
    where: { fromSecond: { lte: toSecond + 1 }, toSecond: { gte: fromSecond - 1 } },
    orderBy: { fromSecond: 'asc' },
  })
  const from = Math.min(fromSecond, ...touching.map((row) => row.fromSecond))
  const to = Math.max(toSecond, ...touching.map((row) => row.toSecond))
  const [first, ...rest] = touching
  if (first?.fromSecond === from && first.toSecond === to) return false
  if (first === undefined) {
    await tx.client.trafficCoverage.create({ data: { fromSecond: from, toSecond: to } })
    return true
  }
  const taken = rest.map((row) => row.fromSecond)
  if (taken.length > 0) await tx.client.trafficCoverage.deleteMany({ where: { fromSecond: { in: taken } } })
  await tx.client.trafficCoverage.update({
    where: { fromSecond: first.fromSecond },
    data: { fromSecond: from, toSecond: to },
  })
  return true
}

export interface TrafficFloors {
  /** Steps of this many seconds go when they began before this second. */
  readonly stepSeconds: number
  readonly beforeSecond: number
}

/** The second up to which steps may go, and about 500 rows at most (those of one second go together); null: none. */
export async function prunableStep(
  { client }: Pick<Tx, 'client'>,
  { stepSeconds, beforeSecond }: TrafficFloors,
): Promise<number | null> {
  const rows = await client.trafficRollup.findMany({
    where: { stepSeconds, startSecond: { lt: beforeSecond } },
    orderBy: { startSecond: 'asc' },
    take: 500,
    select: { startSecond: true },
  })
  return rows.at(-1)?.startSecond ?? null
}

/** @returns how many went. */
export async function deleteSteps(tx: Tx, stepSeconds: number, throughSecond: number): Promise<number> {
  const where = { stepSeconds, startSecond: { lte: throughSecond } }
  return (await tx.client.trafficRollup.deleteMany({ where })).count
}

/** Forgets which seconds before this one were whole: no row of them is left. */
export async function deleteCoverage(tx: Tx, beforeSecond: number): Promise<void> {
  await tx.client.trafficCoverage.deleteMany({ where: { toSecond: { lt: beforeSecond } } })
}
