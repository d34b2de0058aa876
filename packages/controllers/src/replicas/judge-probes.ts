import type { Replica } from '@skykeep/core/nouns'
import { isLiving } from '../services/decide.ts'

export interface HealthVerdict {
  /** Probes fail for most replicas at once while the gateway sees successes: the fault is the prober's (invariant 12). */
  readonly isProberAccused: boolean
  /** One more replica may be replaced for its health now: at most max(1, 20 %) at a time (invariant 12). */
  readonly mayReplace: boolean
}

/**
 * Weighs failing probes of one service against each other and against what the gateway sees. Pure.
 * @param gatewaySuccesses responses below 500 that the gateways counted for the service in the last seconds
 */
export function judgeProbes(
  replicas: readonly Replica[],
  desiredReplicas: number,
  gatewaySuccesses: number,
): HealthVerdict {
  const proven = replicas.filter((replica) => isLiving(replica) && replica.firstReadyAtMs !== null)
  const failing = proven.filter(({ status, probeFailures }) => status === 'NOT_READY' || probeFailures > 0)
  const isProberAccused = gatewaySuccesses > 0 && proven.length > 1 && failing.length * 2 > proven.length
  const underReplacement = Math.max(0, desiredReplicas - proven.length)
  const limit = Math.max(1, Math.floor(desiredReplicas * 0.2))
  return { isProberAccused, mayReplace: !isProberAccused && underReplacement < limit }
}
