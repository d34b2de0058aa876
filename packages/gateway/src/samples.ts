import type { HistogramSample, Sample } from '@skykeep/telemetry/metrics/snapshot'
import type { Durations } from './durations.ts'
import type { EndedTotals } from './service-totals.ts'

const classes = ['2xx', '3xx', '4xx', '5xx'] as const

/** Requests that ended, by class of their status; `none`: no answer was given. */
export function byClass(
  labels: Sample['labels'],
  { byClass: counts, ended }: EndedTotals,
): readonly Sample[] {
  const answered = classes.map((name, at) => ({ labels: { ...labels, class: name }, value: counts[at] ?? 0 }))
  const rest = ended - answered.reduce((sum, { value }) => sum + value, 0)
  return [...answered, { labels: { ...labels, class: 'none' }, value: rest }]
}

/** A histogram in seconds. */
export function secondsOf(labels: Sample['labels'], { counts, sumMs }: Durations): HistogramSample {
  return { labels, counts, sum: sumMs / 1000 }
}
