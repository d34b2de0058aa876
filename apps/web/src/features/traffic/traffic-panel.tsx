'use client'

import {
  trafficGroups,
  trafficRanges,
  type TrafficGroup,
  type TrafficRange,
  type TrafficView,
} from '@skykeep/core/traffic'
import type { ServiceView } from '@skykeep/core/views'
import { SeriesChart } from '#src/components/chart/series-chart.tsx'
import { Card } from '#src/components/ui/card.tsx'
import { ProblemNotice } from '#src/components/ui/problem-notice.tsx'
import { SelectField } from '#src/components/ui/select-field.tsx'
import { plural } from '#src/format/quantity.ts'
import { useUrlFilters } from '#src/navigation/url-filters.ts'
import { chartsOf, percentiles, type Percentile } from './charts.ts'
import { MarkList } from './mark-list.tsx'
import { marksOf } from './marks.ts'
import { useTraffic } from './use-traffic.ts'

const rangeLabels: Readonly<Record<TrafficRange, string>> = {
  '5m': 'Last 5 minutes',
  '1h': 'Last hour',
  '6h': 'Last 6 hours',
  '24h': 'Last 24 hours',
}
const groupLabels: Readonly<Record<TrafficGroup, string>> = {
  service: 'All together',
  version: 'By version',
  replica: 'By replica',
}

/** A service's requests over time, live; range and lines are in the URL. */
export function TrafficPanel({ service }: { readonly service: ServiceView }) {
  const url = useUrlFilters()
  const range = trafficRanges.find((each) => each === url.get('range')) ?? '5m'
  const by = trafficGroups.find((each) => each === url.get('by')) ?? 'service'
  const percentile = percentiles.find((each) => each === url.get('percentile')) ?? 'p95'
  const { view, error } = useTraffic(service.name, range, by)
  return (
    <>
      <div className="flex flex-wrap items-center gap-2">
        <SelectField
          label="Time range"
          value={range}
          choices={trafficRanges.map((value) => ({ value, label: rangeLabels[value] }))}
          onChange={(value) => url.set({ range: value === '5m' ? null : value })}
        />
        <SelectField
          label="Lines"
          value={by}
          choices={trafficGroups.map((value) => ({ value, label: groupLabels[value] }))}
          onChange={(value) => url.set({ by: value === 'service' ? null : value })}
        />
        {by === 'service' ? null : (
          <SelectField
            label="Percentile"
            value={percentile}
            choices={percentiles.map((value) => ({ value, label: value }))}
            onChange={(value) => url.set({ percentile: value === 'p95' ? null : value })}
          />
        )}
        <output className="text-soft max-sm:w-full sm:ml-auto">
          {view === undefined ? 'Loading' : totalText(view)}
        </output>
      </div>
      {error === null || error === undefined ? null : (
        <ProblemNotice
          error={error}
          kept="The gateway goes on counting; nothing is lost within ten minutes."
        />
      )}
      {view === undefined ? (
        <ChartSkeletons />
      ) : (
        <Charts service={service} view={view} by={by} percentile={percentile} />
      )}
    </>
  )
}

function Charts({
  service,
  view,
  by,
  percentile,
}: {
  readonly service: ServiceView
  readonly view: TrafficView
  readonly by: TrafficGroup
  readonly percentile: Percentile
}) {
  const marks = marksOf(service, view.fromSecond)
  return (
    <>
      <div className="grid gap-4 xl:grid-cols-2">
        {chartsOf(view, by, percentile).map((series) => (
          <Card key={series.title} title={series.title}>
            <SeriesChart series={series} marks={marks} />
          </Card>
        ))}
      </div>
      <MarkList marks={marks} />
    </>
  )
}

function totalText({ series, omitted }: TrafficView): string {
  const requests = series.reduce((sum, each) => sum + each.requests, 0)
  const errors = series.reduce((sum, each) => sum + each.errors, 0)
  const rest = omitted === 0 ? '' : ` · the ${series.length} busiest of ${series.length + omitted} lines`
  return `${plural(requests, 'request')}, ${plural(errors, 'error')}${rest}`
}

function ChartSkeletons() {
  return (
    <output aria-label="Loading" className="grid gap-4 xl:grid-cols-2">
      {[1, 2, 3, 4].map((at) => (
        <span key={at} className="skeleton block h-64 rounded-lg" />
      ))}
    </output>
  )
}
