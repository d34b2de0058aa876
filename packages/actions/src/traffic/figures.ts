import { percentileOf } from '@skykeep/core/latency'
import { trafficSteps, trafficWindows, type TrafficFigures } from '@skykeep/core/traffic'
import type { Db } from '@skykeep/db/handles'
import {
  lastCovered,
  readCoverage,
  sumTraffic,
  totalTraffic,
  type TrafficSum,
} from '@skykeep/db/traffic-reads'

/** What a list shows of each service's requests looks back over the last minute that was counted. */
const figureSeconds = 60

interface Kept {
  readonly end: number
  readonly figures: Promise<ReadonlyMap<string, TrafficFigures>>
}
/** They change every 5 s, however many look at them. */
const kept = new WeakMap<object, Kept>()

/** Figures of the services that had requests in the last minute that was counted; empty where nothing is counted any more. */
export async function figuresOf(db: Db, nowMs: number): Promise<ReadonlyMap<string, TrafficFigures>> {
  const counted = await lastCovered(db)
  if (counted === null || nowMs / 1_000 - counted > figureSeconds) return new Map()
  const end = counted + 1 - ((counted + 1) % trafficSteps.fine)
  const before = kept.get(db.client)
  if (before?.end === end) return await before.figures
  const figures = readFigures(db, end)
  kept.set(db.client, { end, figures })
  // Asked again rather than failed for ever.
  figures.catch(() => kept.delete(db.client))
  return await figures
}

async function readFigures(db: Db, end: number): Promise<ReadonlyMap<string, TrafficFigures>> {
  const range = { stepSeconds: trafficSteps.fine, fromSecond: end - figureSeconds, toSecond: end }
  const sums = await sumTraffic(db, range)
  return new Map([...sums].map(([uid, sum]) => [uid, toFigures(sum)]))
}

function toFigures({ ended, failed, latency }: TrafficSum): TrafficFigures {
  return {
    requestsPerSecond: ended / figureSeconds,
    errorShare: ended === 0 ? null : failed / ended,
    p95Ms: percentileOf(latency, 0.95),
  }
}

/** Requests a second of all services together over the last five minutes, step by step; null: not counted. */
export async function totalRates(db: Db, nowMs: number): Promise<readonly (number | null)[]> {
  const window = trafficWindows['5m']
  const { step, seconds } = window
  const counted = (await lastCovered(db)) ?? Math.floor(nowMs / 1_000)
  const end = counted + 1 - ((counted + 1) % step)
  const from = end - seconds
  const totals = await totalTraffic(db, window, from)
  const coverage = await readCoverage(db, from)
  return Array.from({ length: seconds / step }, (_, at) => {
    const start = from + at * step
    const isWhole = coverage.some(
      ({ fromSecond, toSecond }) => fromSecond <= start && toSecond >= start + step - 1,
    )
    return isWhole ? (totals.get(start) ?? 0) / step : null
  })
}
