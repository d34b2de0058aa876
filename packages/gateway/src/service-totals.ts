import { latencyBoundsMs } from '@skykeep/core/routes'
import type { OpenSecond } from './open-second.ts'

/** Requests that ended, and of those the answered ones by class: 2xx to 5xx. */
export interface EndedTotals {
  ended: number
  readonly byClass: [number, number, number, number]
}

export interface VersionTotals extends EndedTotals {
  readonly version: number
  failed: number
  sumMs: number
  readonly latency: number[]
}

const zeros = (): number[] => [...latencyBoundsMs.map(() => 0), 0]

/** What a service's closed seconds add up to since this process began: fed once a second, whatever the traffic. */
export class ServiceTotals {
  readonly firstByte = zeros()
  firstByteSumMs = 0
  retries = 0
  /** Requests that the budget did not let go on to another replica. */
  retriesRefused = 0
  ejections = 0
  private readonly ofVersions = new Map<number, VersionTotals>()
  private readonly ofReplicas = new Map<number, EndedTotals>()

  get versions(): Iterable<VersionTotals> {
    return this.ofVersions.values()
  }

  replica(replicaId: number): EndedTotals {
    return this.ofReplicas.get(replicaId) ?? { ended: 0, byClass: [0, 0, 0, 0] }
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
    addEnded(totals, second)
    totals.failed += second.failed
    totals.sumMs += second.sumMs
    for (const [at, count] of second.latency.entries()) totals.latency[at] = (totals.latency[at] ?? 0) + count
    if (replicaId === 0) return
    const replica = this.replica(replicaId)
    addEnded(replica, second)
    this.ofReplicas.set(replicaId, replica)
  }
}

function addEnded(totals: EndedTotals, second: OpenSecond): void {
  totals.ended += second.ended
  for (const at of [0, 1, 2, 3] as const) totals.byClass[at] += second.byClass[at]
}
