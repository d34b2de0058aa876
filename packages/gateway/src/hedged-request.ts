import { DispatchedRequest } from './dispatched-request.ts'
import { isOwnShortage } from './ejection.ts'
import type { HedgeDelay } from './hedge-delay.ts'
import { Hedging } from './hedging.ts'
import type { SecondAttempt } from './hedging.ts'
import type { ReplicaState } from './replica-state.ts'
import type { UpstreamConnection } from './upstream-connection.ts'

/**
 * A request that a second replica may be given as well, when the first is slow: whichever answers first is the one, the other is told by the end of its
 * connection. Only where sending it twice does no harm (RFC 9110 §9.2.2) and the whole of it is held; at most once, and within the
 * retry budget.
 */
export abstract class HedgedRequest extends DispatchedRequest implements SecondAttempt {
  abstract readonly isUpgrade: boolean
  /** True while a replica's connection takes what the client sends. */
  abstract isSent: boolean
  /** It may be repeated, and all that was sent of it is held. */
  protected abstract isReplayable: boolean
  /** Something of an answer came. */
  protected abstract hasBytes: boolean
  private hedging: Hedging | null = null
  private hasHedged = false

  /** The second one takes the whole request now. */
  abstract writeSecond(upstream: UpstreamConnection): void

  /** To be called when the whole request is sent. */
  protected armHedge({ delayMs }: HedgeDelay): void {
    const isPossible = this.isReplayable && !this.isUpgrade && !this.hasHedged && !this.hasBytes
    if (isPossible && this.hedging === null && delayMs < Infinity) this.hedging = new Hedging(this, delayMs)
  }

  /**
   * The replica for a second attempt: one that is whole, has room, was not tried and is not on trial, while nobody waits and as far as
   * the retry budget allows. Null: none.
   */
  chooseSecond(): ReplicaState | null {
    const { service, replica, tried } = this
    if (replica === null || this.isEnded || service.waiting.count > 0) return null
    this.tried = tried === null ? [replica] : [...tried, replica]
    const second = service.choose(this, false)
    this.tried = tried
    if (second === null || second.ejectedAt >= 0 || second.isOutlier) return null
    if (!service.retries.take(this.plane.clock.monotonicMs())) {
      service.counter.totals.retriesRefused += 1
      return null
    }
    service.counter.totals.hedges += 1
    this.hasHedged = true
    return second
  }

  connectSecond(replica: ReplicaState): UpstreamConnection {
    return this.plane.pool.acquire(replica, this.isIdempotent, this.plane.clock.monotonicMs())
  }

  onSecondLeft(replica: ReplicaState): void {
    this.plane.routes.forget(replica)
  }

  /** Goes on with a second attempt's connection; the place in its replica's count comes along. */
  private adopt(upstream: UpstreamConnection): void {
    this.letGo()
    this.upstream = upstream
    this.replica = upstream.replica
    this.isCounted = true
    upstream.user = this
    if (upstream.isConnected) this.reached = upstream.replica
    if (this.isJournaled) this.plane.inFlight.changed(this)
  }

  /** That the first one was slow takes it not out. */
  onSecondAnswer(bytes: Buffer, length: number): boolean {
    const first = this.upstream
    this.service.counter.totals.hedgesWon += 1
    const isAdopted = this.adoptSecond()
    first?.destroy()
    return isAdopted && this.onUpstreamBytes(bytes, length)
  }

  onSecondLost(upstream: UpstreamConnection, errorCode: string | null): void {
    this.hedging = null
    this.blame(upstream, errorCode)
    this.tried ??= []
    this.tried.push(upstream.replica)
  }

  /** False: no second attempt is under way. */
  private adoptSecond(): boolean {
    const second = this.hedging?.take() ?? null
    this.hedging = null
    if (second === null) return false
    this.adopt(second)
    this.isSent = second.isConnected
    return true
  }

  /** Its replica was lost: a second attempt that is under way is its retry. False: there is none. */
  protected goOnWithSecond(lost: ReplicaState): boolean {
    if (!this.adoptSecond()) return false
    this.lastActivity = this.plane.clock.monotonicMs()
    this.retriesLeft = Math.max(0, this.retriesLeft - 1)
    this.service.counter.totals.retries += 1
    lost.totals.retries += 1
    this.tried ??= []
    this.tried.push(lost)
    return true
  }

  /** A connection that went without a byte takes its replica out, unless it was an old one that was closed in good order. */
  protected blame({ replica, served, isConnected }: UpstreamConnection, errorCode: string | null): void {
    if ((errorCode === null && served > 0) || isOwnShortage(errorCode)) return
    const reason = errorCode ?? 'closed without an answer'
    this.ejectReplica(replica, isConnected ? reason : `connect: ${reason}`)
  }

  /** One waits for its time, or is under way. */
  protected get hasSecond(): boolean {
    return this.hedging !== null
  }

  /** Whatever a second attempt has is given back. */
  protected dropHedging(): void {
    this.hedging?.cancel()
    this.hedging = null
  }

  protected override letGo(): void {
    if (this.hedging !== null) this.dropHedging()
    super.letGo()
  }
}
