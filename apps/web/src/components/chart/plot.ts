import uPlot from 'uplot'
import { absoluteTime } from '#src/format/time.ts'
import { lineLook } from './line-look.ts'
import { isolatedSteps, type Mark, type Series } from './series.ts'

const height = 170

export interface PlotParts {
  readonly frame: HTMLElement
  readonly series: Series
  readonly marks: () => readonly Mark[]
  /** Told which step is pointed at; null: none. */
  readonly onPoint: (step: number | null) => void
}

/** Draws a chart into its frame, in the colours of the theme; `destroy` takes it away. */
export function createPlot({ frame, series, marks, onPoint }: PlotParts): uPlot {
  const colour = (name: string): string => resolved(frame, name)
  const axis = {
    stroke: colour('var(--ink-soft)'),
    font: '11px system-ui, sans-serif',
    ticks: { show: false },
  }
  const grid = { stroke: colour('var(--line)'), width: 1 }
  const options: uPlot.Options = {
    width: Math.max(100, frame.clientWidth),
    height,
    // The last label of the time axis stands half beside the plot.
    padding: [8, 20, 0, 0],
    legend: { show: false },
    cursor: { drag: { x: false, y: false }, points: { size: 6 } },
    scales: { y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] } },
    axes: [
      { ...axis, grid: { show: false }, size: 28, values: (_, ticks) => ticks.map(clockText) },
      { ...axis, grid, size: 64, values: (_, ticks) => ticks.map((tick) => series.format(tick)) },
    ],
    series: [
      {},
      ...series.lines.map(({ label }, at) => {
        const look = lineLook(at)
        return {
          label,
          stroke: colour(look.colour),
          width: 1.75,
          dash: [...look.dash],
          spanGaps: false,
          points: pointsOf(at + 1),
        }
      }),
    ],
    hooks: {
      draw: [(plot) => drawMarks(plot, marks(), colour('var(--ink-soft)'))],
      setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)],
    },
  }
  return new uPlot(options, alignedOf(series), frame)
}

/** A value between two gaps has no line: it is drawn as a point. */
function pointsOf(at: number): uPlot.Series.Points {
  return { show: true, size: 4, filter: (plot) => [...isolatedSteps(plot.data[at] ?? [])] }
}

/** `17:26`, or `17:26:30` between two minutes. */
function clockText(second: number): string {
  const text = absoluteTime(second * 1000).slice(11)
  return second % 60 === 0 ? text.slice(0, 5) : text
}

/** What the plot draws: times first, then a row a line. */
export function alignedOf({ fromSecond, step, steps, lines }: Series): uPlot.AlignedData {
  const times = Array.from({ length: steps }, (_, at) => fromSecond + at * step)
  return [times, ...lines.map(({ values }) => [...values])]
}

/** A canvas knows no custom property: the browser is asked what the colour is now. */
function resolved(frame: HTMLElement, colour: string): string {
  const probe = document.createElement('span')
  probe.style.color = colour
  frame.append(probe)
  const value = getComputedStyle(probe).color
  probe.remove()
  return value
}

function drawMarks({ ctx, bbox, valToPos, scales }: uPlot, marks: readonly Mark[], colour: string): void {
  const { min, max } = scales['x'] ?? {}
  ctx.save()
  ctx.strokeStyle = colour
  ctx.fillStyle = colour
  ctx.setLineDash([3, 3])
  for (const { atSecond } of marks) {
    if (min === undefined || max === undefined || atSecond < min || atSecond > max) continue
    const x = Math.round(valToPos(atSecond, 'x', true)) + 0.5
    ctx.beginPath()
    ctx.moveTo(x, bbox.top)
    ctx.lineTo(x, bbox.top + bbox.height)
    ctx.stroke()
    ctx.beginPath()
    ctx.arc(x, bbox.top + 3, 3 * devicePixelRatio, 0, 2 * Math.PI)
    ctx.fill()
  }
  ctx.restore()
}
