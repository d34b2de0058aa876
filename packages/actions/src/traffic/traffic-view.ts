import { percentileOf } from '@skykeep/core/latency'
import type { TrafficGroup, TrafficSeries, TrafficView, TrafficWindow } from '@skykeep/core/traffic'
import type { Covered, TrafficStep, TrafficSum } from '@skykeep/db/traffic-reads'

/** Lines of one chart: those with the most requests. */
const linesMax = 12

export interface TrafficFacts {
  readonly window: TrafficWindow
  readonly by: TrafficGroup
  readonly fromSecond: number
  readonly steps: readonly TrafficStep[]
  readonly coverage: readonly Covered[]
}

/** The first second of a window that ends with the step of this time. */
export function windowStart({ seconds, step }: TrafficWindow, nowMs: number): number {
  const nowSecond = Math.floor(nowMs / 1_000)
  return nowSecond - (nowSecond % step) + step - seconds
}

/**
 * Numbers a second of each line and step. A step of which less than half was counted is null, which is not 0; one that is counted in part
 * is taken by the seconds that were. Pure.
 */
export function toTrafficView({ window, by, fromSecond, steps, coverage }: TrafficFacts): TrafficView {
  const { seconds, step } = window
  const length = seconds / step
  const counted = Array.from({ length }, (_, at) => coveredSeconds(coverage, fromSecond + at * step, step))
  const whole = counted.map((covered) => (covered * 2 >= step ? covered : null))
  const lines = by === 'service' ? [steps] : [...Map.groupBy(steps, ({ id }) => id).values()]
  const series = lines
    .map((line) => toSeries(line, by, { whole, fromSecond, step }))
    .filter((line) => by === 'service' || hasAny(line))
  const busiest = series.toSorted((a, b) => b.requests - a.requests).slice(0, linesMax)
  const last = coverage.at(-1)?.toSecond ?? null
  return {
    fromSecond,
    step,
    steps: length,
    series: busiest.toSorted((a, b) => a.id - b.id),
    omitted: series.length - busiest.length,
    countedToSecond: last !== null && last >= fromSecond ? last : null,
  }
}

/** A line of what reached no replica says nothing while all reach one. */
function hasAny({ id, requests, inFlight }: TrafficSeries): boolean {
  return id !== 0 || requests > 0 || inFlight.some((value) => (value ?? 0) > 0)
}

function coveredSeconds(coverage: readonly Covered[], start: number, step: number): number {
  return coverage.reduce((sum, { fromSecond, toSecond }) => {
    const from = Math.max(fromSecond, start)
    const to = Math.min(toSecond, start + step - 1)
    return sum + Math.max(0, to - from + 1)
  }, 0)
}

interface Grid {
  /** Counted seconds of each step; null: too few. */
  readonly whole: readonly (number | null)[]
  readonly fromSecond: number
  readonly step: number
}

function toSeries(
  line: readonly TrafficStep[],
  by: TrafficGroup,
  { whole, fromSecond, step }: Grid,
): TrafficSeries {
  const at = Map.groupBy(line, ({ startSecond }) => (startSecond - fromSecond) / step)
  const rates = (numberIn: (counts: TrafficSum, isAnswered: boolean) => number): (number | null)[] =>
    whole.map((seconds, index) => (seconds === null ? null : sumOf(at.get(index) ?? [], numberIn) / seconds))
  const percentiles = (share: number): (number | null)[] =>
    whole.map((seconds, index) =>
      seconds === null ? null : percentileOf(latencyOf(at.get(index) ?? []), share),
    )
  return {
    id: by === 'service' ? 0 : (line[0]?.id ?? 0),
    requestsPerSecond: rates(({ ended }) => ended),
    inFlight: rates(({ inFlight }) => inFlight),
    p50Ms: percentiles(0.5),
    p95Ms: percentiles(0.95),
    p99Ms: percentiles(0.99),
    refusedPerSecond: rates(({ class4xx }, isAnswered) => (isAnswered ? class4xx : 0)),
    brokenPerSecond: rates(({ class5xx }, isAnswered) => (isAnswered ? class5xx : 0)),
    cutOffPerSecond: rates(({ failed, class5xx }, isAnswered) =>
      isAnswered ? Math.max(0, failed - class5xx) : 0,
    ),
    unansweredPerSecond: rates(({ class4xx, class5xx }, isAnswered) =>
      isAnswered ? 0 : class4xx + class5xx,
    ),
    requests: sumOf(line, ({ ended }) => ended),
    errors: sumOf(line, ({ failed }) => failed),
  }
}

function sumOf(
  steps: readonly TrafficStep[],
  numberIn: (counts: TrafficSum, isAnswered: boolean) => number,
): number {
  return steps.reduce((sum, { id, counts }) => sum + numberIn(counts, id !== 0), 0)
}

function latencyOf(steps: readonly TrafficStep[]): number[] {
  return steps.reduce<number[]>(
    (sum, { counts }) => counts.latency.map((count, bucket) => count + (sum[bucket] ?? 0)),
    [],
  )
}
