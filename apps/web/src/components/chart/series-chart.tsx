'use client'

import { useRef, useState } from 'react'
import { absoluteTime } from '#src/format/time.ts'
import { PlotFrame, type PlotHandle } from './plot-frame.tsx'
import { latestStep, valueText, type Mark, type Series } from './series.ts'
import { SeriesLegend } from './series-legend.tsx'
import { SeriesTable } from './series-table.tsx'
import { useScheme } from './use-scheme.ts'

/**
 * Lines over time, with a gap where nothing was counted. The moment that is read out is pointed at, or chosen with the arrow keys;
 * a table has the same numbers.
 */
export function SeriesChart({ series, marks }: { readonly series: Series; readonly marks: readonly Mark[] }) {
  const [pointed, setPointed] = useState<number | null>(null)
  const plot = useRef<PlotHandle>(null)
  const scheme = useScheme()
  const last = series.steps - 1
  const at = pointed === null ? latestStep(series) : Math.min(pointed, last)
  const time = absoluteTime((series.fromSecond + at * series.step) * 1000)
  const values = series.lines.map((line) => `${line.label} ${valueText(series, line.values[at])}`)
  return (
    <div className="flex flex-col gap-2">
      <input
        type="range"
        aria-label={`${series.title}: the moment that is read out`}
        min={0}
        max={last}
        value={at}
        aria-valuetext={`${time}: ${values.length === 0 ? 'no request' : values.join(', ')}`}
        onChange={({ currentTarget }) => {
          plot.current?.point(Number(currentTarget.value))
          setPointed(Number(currentTarget.value))
        }}
        onBlur={() => setPointed(null)}
        className="peer sr-only"
      />
      <div className="rounded-sm outline-offset-2 outline-accent peer-focus-visible:outline-2">
        <PlotFrame
          key={`${scheme} ${series.lines.map(({ label }) => label).join(' ')}`}
          ref={plot}
          series={series}
          marks={marks}
          onPoint={setPointed}
        />
      </div>
      <SeriesLegend series={series} at={at} time={time} />
      <SeriesTable series={series} />
    </div>
  )
}
