import type { TrafficGroup, TrafficSeries, TrafficView } from '@skykeep/core/traffic'
import type { Line, Series } from '#src/components/chart/series.ts'
import { milliseconds, perSecond, rounded } from './quantities.ts'

export const percentiles = ['p50', 'p95', 'p99'] as const
export type Percentile = (typeof percentiles)[number]

type Values = readonly (number | null)[]

const percentileOf: Readonly<Record<Percentile, (series: TrafficSeries) => Values>> = {
  p50: ({ p50Ms }) => p50Ms,
  p95: ({ p95Ms }) => p95Ms,
  p99: ({ p99Ms }) => p99Ms,
}

const errorKinds: readonly {
  readonly label: string
  readonly valuesOf: (series: TrafficSeries) => Values
}[] = [
  { label: '5xx', valuesOf: ({ brokenPerSecond }) => brokenPerSecond },
  { label: '4xx', valuesOf: ({ refusedPerSecond }) => refusedPerSecond },
  { label: 'Cut off', valuesOf: ({ cutOffPerSecond }) => cutOffPerSecond },
  { label: 'No replica answered', valuesOf: ({ unansweredPerSecond }) => unansweredPerSecond },
]

/** The four charts of a service's requests: what each line stands for depends on how they are told apart. Pure. */
export function chartsOf(view: TrafficView, by: TrafficGroup, percentile: Percentile): readonly Series[] {
  const { fromSecond, step, steps } = view
  const grid = { fromSecond, step, steps }
  const each = (valuesOf: (series: TrafficSeries) => Values): readonly Line[] =>
    view.series.map((series) => ({ label: labelOf(by, series.id), values: valuesOf(series) }))
  const whole = by === 'service' ? view.series[0] : undefined
  const latency =
    whole === undefined
      ? each(percentileOf[percentile])
      : percentiles.map((name) => ({ label: name, values: percentileOf[name](whole) }))
  const errors =
    whole === undefined
      ? each(allErrors)
      : errorKinds.map(({ label, valuesOf }) => ({ label, values: valuesOf(whole) }))
  const latencyTitle = whole === undefined ? `Latency, ${percentile}` : 'Latency'
  return [
    {
      ...grid,
      title: 'Requests',
      lines: each(({ requestsPerSecond }) => requestsPerSecond),
      format: perSecond,
    },
    { ...grid, title: latencyTitle, lines: latency, format: milliseconds },
    { ...grid, title: 'Errors', lines: errors, format: perSecond },
    { ...grid, title: 'In flight', lines: each(({ inFlight }) => inFlight), format: rounded },
  ]
}

/** What a line stands for: 0 is the service as a whole, or what no replica answered. */
function labelOf(by: TrafficGroup, id: number): string {
  if (by === 'service') return 'All'
  if (id === 0) return 'No replica'
  return by === 'version' ? `Version ${id}` : `Replica ${id}`
}

function allErrors(series: TrafficSeries): Values {
  return series.brokenPerSecond.map((value, at) => {
    if (value === null) return null
    return errorKinds.reduce((sum, { valuesOf }) => sum + (valuesOf(series)[at] ?? 0), 0)
  })
}
