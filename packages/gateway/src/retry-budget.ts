/** Retries for each request that began: Finagle's and Linkerd's default. */
const share = 0.2
/** Retries a second whatever the traffic, over all gateway processes: of the same two. */
const floorPerSecond = 10
/** For how long what was not used is kept, seconds: the time to live of Finagle's tokens. */
const keptSeconds = 10
/** How often a replica's loss may free what it had in flight, ms. */
const lossEveryMs = 10_000

/**
 * How many requests of one service may be sent a second time by one process: a share of those that began, and a floor for a service that
 * gets few (Finagle's RetryBudget, https://finagle.github.io/blog/2016/02/08/retry-budgets; Envoy and Linkerd have the same). In any
 * t seconds at most 10 × floor + floor × t + 0.2 × (requests that began in them), so that a service whose replicas all fail gets
 * a fifth more requests, not four times as many.
 *
 * Two kinds of retry do not count, so that the death of a replica loses no request that may be repeated (invariant 8):
 * - nothing was sent (the connection was refused or never opened): no replica gets more requests by it (gRPC's transparent retries,
 *   https://github.com/grpc/proposal/blob/master/A6-client-retries.md);
 * - what a replica had in flight when it was lost: see `LossAllowance`.
 */
export class RetryBudget {
  /** Since the last settling. */
  private begun = 0
  private tokens = floorPerSecond * keptSeconds
  private perSecond = floorPerSecond
  private settledAt: number

  /** @param nowMs monotonic. It begins full. */
  constructor(nowMs: number) {
    this.settledAt = nowMs
  }

  /** Takes this process's part of the floor; what is kept falls with it. @param part over 0, at most 1. */
  divide(part: number): void {
    this.perSecond = floorPerSecond * part
    this.tokens = Math.min(this.tokens, this.most)
  }

  private get most(): number {
    return Math.max(1, this.perSecond * keptSeconds)
  }

  /** A request began. */
  note(): void {
    this.begun += 1
  }

  /** Takes one retry. False: there is none left. @param nowMs monotonic. */
  take(nowMs: number): boolean {
    const seconds = Math.max(0, nowMs - this.settledAt) / 1000
    this.tokens = Math.min(this.most, this.tokens + this.begun * share + seconds * this.perSecond)
    this.begun = 0
    this.settledAt = Math.max(this.settledAt, nowMs)
    if (this.tokens < 1) return false
    this.tokens -= 1
    return true
  }
}

/**
 * The retries that the loss of one replica frees: as many as it had in flight when the first of them broke, once in ten seconds.
 * One that breaks requests all the time frees at most that in ten seconds, which of its requests is the part (mean time of an answer : 10 s).
 */
export class LossAllowance {
  private left = 0
  private grantedAt = -Infinity

  /** @param inFlight of the replica, this request included. @param nowMs monotonic. */
  take(inFlight: number, nowMs: number): boolean {
    if (nowMs - this.grantedAt >= lossEveryMs) {
      this.grantedAt = nowMs
      this.left = inFlight
    }
    if (this.left <= 0) return false
    this.left -= 1
    return true
  }
}
