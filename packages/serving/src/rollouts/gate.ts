import type { RolloutGate } from '@skykeep/core/nouns'
import { latencyBoundsMs } from '@skykeep/core/routes'
import type { CanaryPolicy } from '@skykeep/core/service-spec'

/** What one version answered in the window that is judged. */
export interface GateSample {
  readonly ended: number
  /** 5xx and broken ones. */
  readonly failed: number
  /** One number a bound of `latencyBoundsMs`, and one for what took longer. */
  readonly latency: readonly number[]
}

/** A difference in latency below this is noise of the machine, milliseconds. */
const latencyNoiseMs = 5

/**
 * Compares the new version with the old one. The absolute share of errors of the new version may lie `maxErrorRatio` above that of the
 * old one, its p95 at `maxLatencyRatio` times the old one's. With too few requests it says so and judges nothing. Pure.
 */
export function judgeGate(fresh: GateSample, baseline: GateSample, policy: CanaryPolicy): RolloutGate {
  const measured = {
    requests: fresh.ended,
    errorRatio: errorRatioOf(fresh),
    p95Ms: percentileMs(fresh.latency, 0.95),
    baselineRequests: baseline.ended,
    baselineErrorRatio: errorRatioOf(baseline),
    baselineP95Ms: percentileMs(baseline.latency, 0.95),
  }
  if (measured.requests < policy.minRequests) {
    const reason = `${measured.requests} of ${policy.minRequests} requests that it takes to judge`
    return { ...measured, verdict: 'waiting', reason }
  }
  const reason = faultOf(measured, policy)
  return reason === null
    ? { ...measured, verdict: 'passed', reason: 'errors and latency are within bounds' }
    : { ...measured, verdict: 'failed', reason }
}

function faultOf(
  gate: Omit<RolloutGate, 'verdict' | 'reason'>,
  { maxErrorRatio, maxLatencyRatio, minRequests }: CanaryPolicy,
): string | null {
  const { errorRatio, baselineErrorRatio, p95Ms, baselineP95Ms, baselineRequests } = gate
  if (errorRatio > baselineErrorRatio + maxErrorRatio) {
    return `${percent(errorRatio)} of its requests failed, of the old version's ${percent(baselineErrorRatio)}`
  }
  if (p95Ms === null || baselineP95Ms === null || baselineRequests < minRequests) return null
  if (p95Ms <= baselineP95Ms * maxLatencyRatio || p95Ms - baselineP95Ms <= latencyNoiseMs) return null
  return `its p95 latency is ${p95Ms} ms, the old version's ${baselineP95Ms} ms`
}

function errorRatioOf({ ended, failed }: GateSample): number {
  return ended === 0 ? 0 : failed / ended
}

/** Upper bound of the histogram's bucket that holds the percentile; null without requests. What took longest counts as its last bound. */
export function percentileMs(latency: readonly number[], share: number): number | null {
  const total = latency.reduce((sum, count) => sum + count, 0)
  if (total === 0) return null
  let seen = 0
  for (const [index, count] of latency.entries()) {
    seen += count
    if (seen >= total * share) return latencyBoundsMs[index] ?? latencyBoundsMs.at(-1) ?? null
  }
  return null
}

function percent(ratio: number): string {
  return `${(ratio * 100).toFixed(1)} %`
}
