import { latencyBoundsMs } from '@skykeep/core/routes'
import { Durations } from './durations.ts'
import type { OpenSecond } from './open-second.ts'
import { noRefusals } from './refusals.ts'

/** Requests that ended, and of those the answered ones by class: 2xx to 5xx. */
export interface EndedTotals {
  ended: number
  readonly byClass: [number, number, number, number]
}

export interface TimedTotals extends EndedTotals {
  sumMs: number
  /** By the bounds of `latencyBoundsMs`. */
  readonly latency: number[]
}

export interface VersionTotals extends TimedTotals {
  readonly version: number
  failed: number
}

const zeros = (): number[] => [...latencyBoundsMs.map(() => 0), 0]

/** What a service's closed seconds add up to since this process began: fed once a second, whatever the traffic. */
export class ServiceTotals {
  readonly firstByte = new Durations(latencyBoundsMs)
  /** Answers in the gateway's own name. */
  readonly refused = noRefusals()
  retries = 0
  /** Requests that the budget did not let go on to another replica. */
  retriesRefused = 0
  ejections = 0
  /** Second attempts that were begun, and of those the ones that answered first. */
  hedges = 0
  hedgesWon = 0
  private readonly ofVersions = new Map<number, VersionTotals>()
  private readonly ofReplicas = new Map<number, TimedTotals>()

  get versions(): Iterable<VersionTotals> {
    return this.ofVersions.values()
  }

  replica(replicaId: number): TimedTotals {
    return this.ofReplicas.get(replicaId) ?? { ended: 0, byClass: [0, 0, 0, 0], sumMs: 0, latency: zeros() }
  }

  /** Forgets those that no table names any more. */
  keepReplicas(replicas: readonly { readonly replicaId: number }[]): void {
    if (this.ofReplicas.size === 0) return
    const kept = new Set(replicas.map(({ replicaId }) => replicaId))
    for (const replicaId of this.ofReplicas.keys())
      if (!kept.has(replicaId)) this.ofReplicas.delete(replicaId)
  }

  add(second: OpenSecond): void {
    const { version, replicaId } = second
    let totals = this.ofVersions.get(version)
    if (totals === undefined) {
      totals = { version, ended: 0, failed: 0, byClass: [0, 0, 0, 0], sumMs: 0, latency: zeros() }
      this.ofVersions.set(version, totals)
    }
    addTimed(totals, second)
    totals.failed += second.failed
    if (replicaId === 0) return
    const replica = this.replica(replicaId)
    addTimed(replica, second)
    this.ofReplicas.set(replicaId, replica)
  }
}

function addTimed(totals: TimedTotals, second: OpenSecond): void {
  totals.ended += second.ended
  for (const at of [0, 1, 2, 3] as const) totals.byClass[at] += second.byClass[at]
  totals.sumMs += second.sumMs
  for (const [at, count] of second.latency.entries()) totals.latency[at] = (totals.latency[at] ?? 0) + count
}
