import type { Replica } from '@skykeep/core/nouns'
import { isLiving } from '../services/facts.ts'

export interface HealthVerdict {
  /** Probes fail for most replicas at once while the gateway sees successes: the fault is the prober's (invariant 12). */
  readonly isProberAccused: boolean
  /** One more replica may be replaced for its health now: at most max(1, 20 %) at a time (invariant 12). */
  readonly mayReplace: boolean
}

export interface ProbeEvidence {
  /** Those of the service that are not TERMINATED. */
  readonly replicas: readonly Replica[]
  readonly desiredReplicas: number
  /** Responses below 500 that the gateways counted for the service in the last seconds. */
  readonly gatewaySuccesses: number
}

/** A replacement holds back the next one for as long as it is younger than this, milliseconds. */
const replacementMs = 60_000

/** Weighs one replica's failing probes against the others' and against what the gateway sees. Pure. */
export function judgeProbes(
  self: Replica,
  { replicas, desiredReplicas, gatewaySuccesses }: ProbeEvidence,
): HealthVerdict {
  const proven = replicas.filter((replica) => isLiving(replica) && replica.firstReadyAtMs !== null)
  const failing = proven.filter(isFailing)
  // The successes of one that passes its probe say nothing for one that takes no requests any more.
  const isOtherPassing = proven.some((other) => other.uid !== self.uid && !isFailing(other))
  const speaksForSelf = self.status !== 'NOT_READY' || !isOtherPassing
  const isProberAccused =
    gatewaySuccesses > 0 && proven.length > 1 && failing.length * 2 > proven.length && speaksForSelf
  const limit = Math.max(1, Math.floor(desiredReplicas * 0.2))
  return { isProberAccused, mayReplace: !isProberAccused && underReplacement(replicas) < limit }
}

function isFailing({ status, probeFailures }: Replica): boolean {
  return status === 'NOT_READY' || probeFailures > 0
}

/** Those being taken down for their health, and young ones that stand in for them: what keeps crashing holds nothing back. */
function underReplacement(replicas: readonly Replica[]): number {
  return replicas.filter(
    (replica) =>
      replica.outcome === 'FAILED_PROBING' ||
      (isLiving(replica) && replica.firstReadyAtMs === null && replica.startingMs < replacementMs),
  ).length
}
