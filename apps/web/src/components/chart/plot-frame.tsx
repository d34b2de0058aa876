'use client'

import 'uplot/dist/uPlot.min.css'
import { useEffect, useImperativeHandle, useRef, type Ref } from 'react'
import type uPlot from 'uplot'
import { alignedOf, createPlot } from './plot.ts'
import type { Mark, Series } from './series.ts'

export interface PlotHandle {
  /** Points at a step, as the pointer does. */
  point(step: number): void
}

/** A drawn chart: fed when its numbers change. The caller gives each set of lines and each theme its own instance (a React key). */
export function PlotFrame({
  series,
  marks,
  onPoint,
  ref,
}: {
  readonly series: Series
  readonly marks: readonly Mark[]
  readonly onPoint: (step: number | null) => void
  readonly ref: Ref<PlotHandle>
}) {
  const frame = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const newest = useRef({ series, marks })
  useImperativeHandle(ref, () => ({
    point: (step) => {
      const { series: shown } = newest.current
      const left = plot.current?.valToPos(shown.fromSecond + step * shown.step, 'x') ?? -10
      plot.current?.setCursor({ left, top: 0 })
    },
  }))
  useEffect(() => {
    newest.current = { series, marks }
    plot.current?.setData(alignedOf(series))
  }, [series, marks])
  useEffect(() => {
    const box = frame.current
    if (box === null) return undefined
    const { current: first } = newest
    const made = createPlot({ frame: box, series: first.series, marks: () => newest.current.marks, onPoint })
    plot.current = made
    const observer = new ResizeObserver(() => made.setSize({ width: box.clientWidth, height: made.height }))
    observer.observe(box)
    return () => {
      observer.disconnect()
      plot.current = null
      made.destroy()
    }
  }, [onPoint])
  return <div ref={frame} aria-hidden className="min-h-[170px] w-full overflow-hidden" />
}
