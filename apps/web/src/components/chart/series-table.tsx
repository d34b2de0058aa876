'use client'

import { useState } from 'react'
import { absoluteTime } from '#src/format/time.ts'
import { valueText, type Series } from './series.ts'

/** The numbers of a chart as a table, newest first; made only once it is asked for. */
export function SeriesTable({ series }: { readonly series: Series }) {
  const [isOpen, setOpen] = useState(false)
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)} className="text-[0.88rem]">
      <summary className="w-fit text-soft hover:text-ink">As a table</summary>
      {isOpen ? (
        <table aria-label={series.title} className="mt-2 w-full text-left break-words">
          <thead className="text-soft">
            <tr>
              <th scope="col" className="pr-4 font-medium">
                Time
              </th>
              {series.lines.map(({ label }) => (
                <th key={label} scope="col" className="pr-4 text-right font-medium">
                  {label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {Array.from({ length: series.steps }, (_, back) => series.steps - 1 - back).map((at) => (
              <tr key={at}>
                <th scope="row" className="pr-4 font-normal whitespace-nowrap">
                  {absoluteTime((series.fromSecond + at * series.step) * 1000)}
                </th>
                {series.lines.map(({ label, values }) => (
                  <td key={label} className="pr-4 text-right">
                    {valueText(series, values[at])}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
    </details>
  )
}
