import { lineLook } from './line-look.ts'
import { valueText, type Series } from './series.ts'

/** Each line by its look and name, with its value at one moment. */
export function SeriesLegend({
  series,
  at,
  time,
}: {
  readonly series: Series
  readonly at: number
  readonly time: string
}) {
  return (
    <div className="flex flex-wrap items-baseline gap-x-4 gap-y-1 text-[0.88rem]">
      <span className="text-soft">{time.slice(11)}</span>
      {series.lines.length === 0 ? <span className="text-soft">No request in this time.</span> : null}
      {series.lines.map(({ label, values }, place) => {
        const { colour, dash } = lineLook(place)
        return (
          <span key={label} className="inline-flex items-center gap-1.5">
            <svg aria-hidden viewBox="0 0 18 4" className="h-1 w-4.5 shrink-0">
              <line
                x1="0"
                x2="18"
                y1="2"
                y2="2"
                strokeWidth="2.5"
                strokeDasharray={dash.join(' ')}
                style={{ stroke: colour }}
              />
            </svg>
            {label} <b className="font-semibold">{valueText(series, values[at])}</b>
          </span>
        )
      })}
    </div>
  )
}
