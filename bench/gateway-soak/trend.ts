import { median } from '../median.ts'

/** How a number of which there is one an interval moves. */
export interface Trend {
  /** Median of the slopes between each two (Theil and Sen), an interval. */
  readonly slope: number
  /** How probable so much rise, or more, is by chance alone: the one-sided test of Mann and Kendall, by all orders of these values. */
  readonly chance: number
}

/** @param values 3 to 8, in the order of their intervals. */
export function trendOf(values: readonly number[]): Trend {
  const slopes = values.flatMap((from, at) =>
    values.slice(at + 1).map((to, further) => (to - from) / (further + 1)),
  )
  const risen = rise(values)
  let orders = 0
  let asHigh = 0
  for (const order of ordersOf(values)) {
    orders += 1
    if (rise(order) >= risen) asHigh += 1
  }
  return { slope: median(slopes), chance: asHigh / orders }
}

/** Pairs that rise less pairs that fall. */
function rise(values: readonly number[]): number {
  let sum = 0
  values.forEach((from, at) => {
    for (const to of values.slice(at + 1)) sum += Math.sign(to - from)
  })
  return sum
}

function* ordersOf(values: readonly number[]): Generator<readonly number[]> {
  if (values.length <= 1) yield values
  for (const [at, first] of values.entries()) {
    if (values.length <= 1) return
    const others = values.filter((_, other) => other !== at)
    for (const order of ordersOf(others)) yield [first, ...order]
  }
}
