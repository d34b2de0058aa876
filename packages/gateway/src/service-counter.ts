import { latencyBoundsMs } from '@skykeep/core/routes'
import type { OpenSecond } from './open-second.ts'
import type { RefusalKind } from './refusals.ts'
import { ServiceTotals } from './service-totals.ts'

/** What of a replica its counts say. */
export interface CountedReplica {
  /** The small number that people see. */
  readonly replicaId: number
  readonly version: number
  /** Requests that it has now. */
  readonly inFlight: number
}

const noDurations: readonly number[] = [...latencyBoundsMs.map(() => 0), 0]

/**
 * One service's requests as they are now, and its running second. A request's replica is known only when it ends, so that
 * `started` and both peaks stand on replica 0 and all else on the replica that answered: the sum over replicas is the service's.
 */
export class ServiceCounter {
  readonly uid: string
  /** Since this process began. */
  readonly totals = new ServiceTotals()
  /** Requests that began and did not end, those that wait included. */
  inFlight = 0
  /** Requests that wait for a replica. */
  parked = 0
  /** True once no table names the service. */
  isGone = false
  private own: OpenSecond | null = null
  private readonly ofReplicas = new Map<CountedReplica, OpenSecond>()
  private replicas: readonly CountedReplica[] = []

  constructor(uid: string) {
    this.uid = uid
  }

  start(): void {
    const second = (this.own ??= this.openOwn())
    second.started += 1
    this.inFlight += 1
    if (this.inFlight > second.inFlightPeak) second.inFlightPeak = this.inFlight
  }

  /** The replicas whose requests in flight are looked at when a second is over. */
  follow(replicas: readonly CountedReplica[]): void {
    this.replicas = replicas
    this.totals.keepReplicas(replicas)
  }

  /** @param replica the last one that the request reached; null: none. */
  end(replica: CountedReplica | null, status: number, hasFailed: boolean, tookMs: number): void {
    this.own ??= this.openOwn()
    this.inFlight -= 1
    const second = replica === null ? this.own : this.secondOf(replica)
    second.ended += 1
    second.sumMs += tookMs
    if (hasFailed) second.failed += 1
    const statusClass = Math.floor(status / 100) - 2
    if (statusClass >= 0 && statusClass <= 3) second.byClass[statusClass as 0 | 1 | 2 | 3] += 1 // 0 to 3 by the test before it
    const bucket = bucketOf(tookMs)
    second.latency[bucket] = (second.latency[bucket] ?? 0) + 1
  }

  /** The gateway answers in its own name. */
  refuse(kind: RefusalKind): void {
    this.totals.refused[kind] += 1
  }

  park(): void {
    const second = (this.own ??= this.openOwn())
    this.parked += 1
    if (this.parked > second.parkedPeak) second.parkedPeak = this.parked
  }

  unpark(): void {
    this.own ??= this.openOwn()
    this.parked -= 1
  }

  private openOwn(): OpenSecond {
    return openSecond(none, this.inFlight, this.parked)
  }

  private secondOf(replica: CountedReplica): OpenSecond {
    const second = this.ofReplicas.get(replica)
    if (second !== undefined) return second
    const opened = openSecond(replica, 0, 0)
    this.ofReplicas.set(replica, opened)
    return opened
  }

  /** Hands the running second over, replica 0 first, and opens the next one. Empty: nothing happened, and nothing is in flight. */
  close(): readonly OpenSecond[] {
    const { own } = this
    if (own === null) return []
    own.inFlight = this.inFlight
    for (const replica of this.replicas) {
      if (replica.inFlight === 0) continue
      this.secondOf(replica).inFlight = replica.inFlight
      // A request with a second attempt stands at both replicas.
      own.inFlight = Math.max(0, own.inFlight - replica.inFlight)
    }
    const closed = [own, ...this.ofReplicas.values()]
    this.own = this.inFlight > 0 ? this.openOwn() : null
    this.ofReplicas.clear()
    for (const second of closed) this.totals.add(second)
    return closed
  }
}

const none = { replicaId: 0, version: 0 } as const

function openSecond(
  { replicaId, version }: Omit<CountedReplica, 'inFlight'>,
  inFlightPeak: number,
  parkedPeak: number,
): OpenSecond {
  return {
    version,
    replicaId,
    started: 0,
    ended: 0,
    failed: 0,
    byClass: [0, 0, 0, 0],
    sumMs: 0,
    inFlightPeak,
    parkedPeak,
    inFlight: 0,
    latency: noDurations.slice(),
  }
}

/** Most requests are short: the search begins at the lowest bound. */
function bucketOf(ms: number): number {
  let bucket = 0
  while (bucket < latencyBoundsMs.length && ms > (latencyBoundsMs[bucket] ?? Infinity)) bucket += 1
  return bucket
}
