import type { OutlierRoute } from '@skykeep/core/routes'

/** Answers of one replica, or of several together, in one interval. */
export interface AnswerCounts {
  readonly answers: number
  readonly errors: number
}

/** How far apart two ratios are at least before it is no accident: one replica in 700 of a service without a fault passes 3. */
const leastDeviations = 3

/**
 * True for a status that says that the replica failed: 500, 502, 503, 504 and whatever else is 5xx. Not so 501 and 505: they answer what was
 * asked, and every other replica would say the same. Any 5xx and not those of gateways alone (502 to 504): a model server whose device is
 * broken answers 500 to everything, and its health check goes on saying that all is well. Pure.
 */
export function isFailure(status: number): boolean {
  return status >= 500 && status !== 501 && status !== 505
}

/**
 * How many of `count` replicas of one version may be out at once: the share, at least one of two or more, and never more than half. Pure.
 * @param percent 1 to 50. @returns 0 for a single one: the last replica is never taken out.
 */
export function mostEjected(count: number, percent: number): number {
  return Math.min(Math.floor(count / 2), Math.max(1, Math.floor((count * percent) / 100)))
}

/**
 * True when one replica fails more often than the others of its version, all taken together: by more than `maxErrorRatio`, and by more than chance
 * explains (a two-proportion z-test with the pooled ratio, 3 deviations). Envoy compares with the mean less 1.9 standard deviations over
 * hosts (https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/outlier), which needs five hosts to ever say
 * anything; this holds for two. Pure.
 */
export function isOutlier(own: AnswerCounts, others: AnswerCounts, settings: OutlierRoute): boolean {
  const { minRequests, maxErrorRatio } = settings
  if (own.answers < minRequests || others.answers < minRequests) return false
  const gap = own.errors / own.answers - others.errors / others.answers
  if (gap <= maxErrorRatio) return false
  const pooled = (own.errors + others.errors) / (own.answers + others.answers)
  const deviation = Math.sqrt(pooled * (1 - pooled) * (1 / own.answers + 1 / others.answers))
  return gap > leastDeviations * deviation
}
