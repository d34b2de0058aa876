export interface BackoffBounds {
  readonly firstMs: number
  readonly capMs: number
}

export const defaultBackoff: BackoffBounds = { firstMs: 1_000, capMs: 300_000 }

/**
 * Delay before the next try: doubles with each failure up to the cap, then "equal jitter": half of it is fixed and half is
 * random, so that rows that failed together do not come back together
 * (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/).
 * @param failureCount consecutive failures, this one included: at least 1
 * @param random in [0, 1)
 */
export function backoffMs(
  failureCount: number,
  random: number,
  bounds: BackoffBounds = defaultBackoff,
): number {
  const exponent = Math.min(Math.max(failureCount - 1, 0), 30)
  const ceiling = Math.min(bounds.firstMs * 2 ** exponent, bounds.capMs)
  return Math.round(ceiling / 2 + (ceiling / 2) * random)
}
