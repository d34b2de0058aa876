import type { Ejection, ReplicaRoute } from '@skykeep/core/routes'
import { hashOf } from './hash.ts'
import type { OutlierRecord } from './outlier-record.ts'
import { ReplicaTotals } from './replica-totals.ts'
import { LossAllowance } from './retry-budget.ts'

/** How many of those that waited a new replica gets at once, over all processes. */
const firstWindow = 8

/** What one gateway process knows of one replica beyond its route. */
export class ReplicaState {
  readonly uid: string
  /** The small number that people see. */
  readonly replicaId: number
  readonly host: string
  readonly port: number
  /** Of its uid: it keeps its requests when the gateway or its address changes. */
  readonly hashSeed: number
  version = 0
  isDraining = false
  targetQps = 1
  /** It stands in the gateway's own zone, and that counts. */
  isNear = false
  /** False once no table names it any more. */
  isRouted = true
  inFlight = 0
  /** How many of those that waited may be in flight to it at once: grows with each answer while others wait (invariant 14). */
  window: number
  /** Monotonic ms of the ejection; -1 when not ejected. */
  ejectedAt = -1
  ejectedSinceMs = 0
  ejectReason = ''
  /** Monotonic ms of the next probe. */
  probeAt = 0
  /** Ms between probes; grows with each failed one. */
  probeDelayMs = 0
  isProbing = false
  /** Monotonic ms of the last warning about its answers. */
  warnedAt = -Infinity
  readonly totals = new ReplicaTotals()
  /** The retries that its loss frees. */
  readonly loss = new LossAllowance()
  /** Null: its service does not look for outliers. */
  outlier: OutlierRecord | null = null
  private readonly firstWindow: number

  constructor(route: ReplicaRoute, share: ProcessShare) {
    this.uid = route.replicaUid
    this.replicaId = route.replicaId
    this.host = route.host
    this.port = route.port
    this.hashSeed = hashOf(route.replicaUid)
    this.firstWindow = share.of(firstWindow)
    this.window = this.firstWindow
    this.follow(route)
  }

  /** Takes what may change while it stays the same replica. */
  follow(route: ReplicaRoute): void {
    this.version = route.version
    this.isDraining = route.isDraining
    this.targetQps = route.targetQps !== undefined && route.targetQps > 0 ? route.targetQps : 1
    this.isNear = route.isNear === true
    this.isRouted = true
  }

  /** It is out for what it answers: that it takes a connection does not bring it back. */
  get isOutlier(): boolean {
    return this.outlier !== null && this.outlier.phase !== 'in'
  }

  /** It was gone, and is back: what it could take before says nothing. */
  resetWindow(): void {
    this.window = this.firstWindow
  }

  ejection(): Ejection {
    return { replicaUid: this.uid, reason: this.ejectReason, sinceMs: this.ejectedSinceMs }
  }
}

/**
 * This process's part of a number that holds for all gateway processes of the plane together: split evenly, at least 1 each.
 * So a limit below the number of processes is exceeded by the difference, and a process whose clients leave it idle gives
 * nothing of its part to the others.
 */
export class ProcessShare {
  private readonly rank: number
  private readonly count: number

  /** @param rank 0 to `count` - 1: the first ones get what does not divide evenly. */
  constructor(rank: number, count: number) {
    this.rank = rank
    this.count = count
  }

  /** Whole; at least 1 of 1 or more, 0 of 0. */
  of(total: number): number {
    if (total <= 0) return 0
    return Math.max(1, Math.floor(total / this.count) + (this.rank < total % this.count ? 1 : 0))
  }

  /** Of a rate: the exact part, so that the parts of all processes add up to `total`. */
  ofRate(total: number): number {
    return total / this.count
  }

  isSame(other: ProcessShare): boolean {
    return this.rank === other.rank && this.count === other.count
  }
}
