/** A straight line a + b·n. */
export interface Line {
  readonly a: number
  readonly b: number
  /** Largest distance of a point from it. */
  readonly off: number
}

/** The line through the points with the least squares. */
export function lineThrough(points: readonly { readonly n: number; readonly value: number }[]): Line {
  const mean = (of: (point: (typeof points)[number]) => number): number =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length
  const meanN = mean(({ n }) => n)
  const meanValue = mean(({ value }) => value)
  const spread = mean(({ n }) => (n - meanN) ** 2)
  const b = spread === 0 ? 0 : mean(({ n, value }) => (n - meanN) * (value - meanValue)) / spread
  const a = meanValue - b * meanN
  const off = Math.max(...points.map(({ n, value }) => Math.abs(value - a - b * n)))
  return { a, b, off }
}
