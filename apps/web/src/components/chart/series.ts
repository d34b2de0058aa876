/** One line of a chart; null: not counted, which leaves a gap. */
export interface Line {
  readonly label: string
  readonly values: readonly (number | null)[]
}

/** Something that happened, as an upright line on the time axis. */
export interface Mark {
  readonly atSecond: number
  readonly label: string
}

export interface Series {
  /** Names the chart, such as `Requests a second`. */
  readonly title: string
  /** Seconds since the Unix epoch: the time of the first value. */
  readonly fromSecond: number
  readonly step: number
  readonly steps: number
  readonly lines: readonly Line[]
  /** A value as a person reads it, with its unit. */
  readonly format: (value: number) => string
}

/** The last step at which any line has a value; the last of all when none has. Pure. */
export function latestStep({ lines, steps }: Pick<Series, 'lines' | 'steps'>): number {
  for (let at = steps - 1; at >= 0; at -= 1)
    if (lines.some(({ values }) => (values[at] ?? null) !== null)) return at
  return Math.max(0, steps - 1)
}

/** `3.2 req/s`, or that nothing was counted; pure. */
export function valueText({ format }: Pick<Series, 'format'>, value: number | null | undefined): string {
  return value === null || value === undefined ? '—' : format(value)
}

/** The steps whose value stands alone between two gaps, or between a gap and an end; pure. */
export function isolatedSteps(values: ArrayLike<number | null | undefined>): readonly number[] {
  const has = (at: number): boolean => (values[at] ?? null) !== null
  return Array.from(values, (_, at) => at).filter((at) => has(at) && !has(at - 1) && !has(at + 1))
}
