import type { HeldBytes } from './held-bytes.ts'
import { TrackedRequest } from './in-flight.ts'
import type { RequestStart } from './in-flight.ts'
import type { OutlierRecord } from './outlier-record.ts'
import { closedAnswer } from './own-response.ts'
import type { OwnAnswer } from './own-response.ts'
import type { Plane } from './plane.ts'
import type { RefusalKind, RequestFault } from './refusals.ts'
import type { ReplicaState } from './replica-state.ts'
import { shownPath } from './request-path.ts'
import { promptWaitMs } from './request-traits.ts'
import type { RequestTraits } from './request-traits.ts'
import type { UpstreamConnection, UpstreamUser } from './upstream-connection.ts'
import type { WaitEnd, WaitingRequest } from './waiting-line.ts'

const maxRetries = 3

/** One request's way to a replica: choice, waiting, retries, and one end whatever ends it, at which every count is given back. */
export abstract class DispatchedRequest
  extends TrackedRequest
  implements WaitingRequest, RequestTraits, UpstreamUser
{
  isEnded = false
  /** True while it stands in its service's line. */
  isWaiting = false
  waitsSince = 0
  nextWaiting: WaitingRequest | null = null
  previousWaiting: WaitingRequest | null = null
  tried: ReplicaState[] | null = null
  hashKey = -1
  isPinned = false
  awaitsPrompt = false
  /** Monotonic ms at which something of it last went on, as far as it was noticed: bytes after the first ones are once a second. */
  lastActivity: number
  protected readonly plane: Plane
  protected readonly isIdempotent: boolean
  protected upstream: UpstreamConnection | null = null
  protected status = 0
  /** Why it did not end well; '' while nothing says so. */
  protected fault: RequestFault | '' = ''
  /** Of its body, and from the replica. */
  protected bytesIn = 0
  protected bytesOut = 0
  /** -1: none came, or nobody asks. */
  protected firstByteMs = -1
  protected retriesLeft = maxRetries
  /** The last replica that it reached. */
  protected reached: ReplicaState | null = null
  /** True while it stands in its replica's in-flight count. */
  protected isCounted = false

  constructor(plane: Plane, start: RequestStart, isIdempotent: boolean) {
    super(start)
    this.plane = plane
    this.isIdempotent = isIdempotent
    this.lastActivity = start.startedMono
  }

  abstract onUpstreamConnected(): void
  abstract onUpstreamBytes(bytes: Buffer, length: number): boolean
  abstract onUpstreamDrain(): void
  abstract onUpstreamEnd(): void
  abstract onUpstreamClose(errorCode: string | null): void
  /** The connection takes the request now. */
  protected abstract send(upstream: UpstreamConnection): void
  /** Gives the client an answer in the gateway's own name; the request has ended. */
  protected abstract respond(answer: OwnAnswer): void
  /** It waits no longer. */
  protected abstract onWaitOver(): void
  /** Its id as the replica gets it. */
  protected abstract get forwardedId(): string
  /** Nothing of the request is kept any more. */
  protected abstract forgetBody(): void

  begin(): void {
    const { service } = this
    service.counter.start()
    service.retries.note()
    this.plane.inFlight.add(this)
    if (!this.awaitsPrompt) return this.seekReplica()
    setTimeout(() => this.endPromptWait(), promptWaitMs)
  }

  /** What has come of a body of `length` bytes, and cannot be sent yet. */
  onBodyHeld(held: HeldBytes, length: number): void {
    if (!this.awaitsPrompt) return
    const { traits } = this.service
    if (traits === null || traits.readPrompt(held.peek(), length, this)) this.endPromptWait()
  }

  private endPromptWait(): void {
    if (!this.awaitsPrompt || this.isEnded) return
    this.awaitsPrompt = false
    this.lastActivity = this.plane.clock.monotonicMs()
    this.seekReplica()
  }

  private seekReplica(): void {
    const { service } = this
    if (service.route.closed !== undefined) this.refuseClosed()
    // Nobody overtakes those that wait.
    else if (service.waiting.count > 0) this.wait('no replica is ready')
    else this.dispatch()
  }

  private dispatch(): void {
    const { service, tried } = this
    const replica = service.choose(this, false)
    if (replica !== null) return this.sendTo(replica)
    if (tried === null) return this.wait(service.isBusy ? 'every replica is busy' : 'no replica is ready')
    if (!service.isWorthWaiting(tried)) return this.failWithoutReplica('no replica takes a connection')
    // Those that are out are chosen again only once a probe has proven them.
    this.tried = tried.filter(({ ejectedAt }) => ejectedAt < 0)
    this.wait('no replica takes a connection')
  }

  private sendTo(replica: ReplicaState): void {
    this.replica = replica
    this.isCounted = true
    replica.inFlight += 1
    if (replica.outlier !== null && replica.outlier.phase === 'open') this.beTrial(replica, replica.outlier)
    if (this.isJournaled) this.plane.inFlight.changed(this)
    const upstream = this.plane.pool.acquire(replica, this.isIdempotent, this.lastActivity)
    this.upstream = upstream
    upstream.user = this
    if (upstream.isConnected) this.sendNow(upstream)
  }

  /** No other request gets the replica before this one is answered. */
  private beTrial(replica: ReplicaState, outlier: OutlierRecord): void {
    outlier.phase = 'asked'
    replica.ejectedAt = this.lastActivity
  }

  /** What the replica answered, or what the gateway has to answer for it. */
  protected noteAnswer(status: number): void {
    const { outliers } = this.service
    if (outliers !== null && this.replica !== null) this.plane.noteAnswer(outliers, this.replica, status)
  }

  protected ejectReplica(replica: ReplicaState, reason: string): void {
    this.plane.ejectReplica(replica, reason, this.service.outliers)
  }

  protected sendNow(upstream: UpstreamConnection): void {
    this.reached = upstream.replica
    this.send(upstream)
  }

  /** @param without said to the client where requests do not wait. */
  private wait(without: string): void {
    const { service, plane } = this
    if (plane.parking.admit(service, this, this.tried !== null)) {
      this.isWaiting = true
      if (this.reached === null) this.replica = null
      if (this.isJournaled) plane.inFlight.changed(this)
    } else if (service.maxWaiting > 0 && this.reached === null) {
      const retryAfterSeconds = plane.parking.retryAfterSeconds(service)
      this.fail('line_full', { status: 429, text: 'too many requests wait for a replica', retryAfterSeconds })
    } else this.failWithoutReplica(without)
  }

  /** Called by the line: there is room at that replica. */
  onReplicaFree(replica: ReplicaState): void {
    this.isWaiting = false
    this.lastActivity = this.plane.clock.monotonicMs()
    this.onWaitOver()
    this.sendTo(replica)
  }

  /** Called by the line: it waits no longer, and gets no replica. */
  onWaitEnd(why: WaitEnd): void {
    this.isWaiting = false
    if (why === 'closed' && this.reached === null) this.refuseClosed()
    else this.failWithoutReplica(why === 'too-long' ? 'no replica had room in time' : 'no replica is ready')
  }

  private refuseClosed(): void {
    const { closed } = this.service.route
    if (closed === undefined) return this.failWithoutReplica('no replica is ready')
    const answer = closedAnswer(closed, this.plane.clock.now())
    this.status = answer.status
    this.fault = 'closed'
    this.service.counter.refuse('closed')
    this.end(false)
    this.respond(answer)
  }

  /**
   * Another replica gets it, at once or when one has room; or nobody does.
   * @param wasSent the replica may have seen some of it: then the budget must allow it.
   */
  protected retry(replica: ReplicaState, wasSent: boolean): void {
    const now = this.plane.clock.monotonicMs()
    const isFree = !wasSent || replica.loss.take(replica.inFlight, now)
    this.letGo()
    this.lastActivity = now
    if (this.retriesLeft === 0) return this.failWithoutReplica('no replica takes a connection')
    const { retries, counter } = this.service
    if (!isFree && !retries.take(now)) {
      counter.totals.retriesRefused += 1
      return this.failWithoutReplica('no replica takes a connection')
    }
    this.retriesLeft -= 1
    counter.totals.retries += 1
    replica.totals.retries += 1
    this.tried ??= []
    this.tried.push(replica)
    this.dispatch()
  }

  /** 502 when a replica may have seen the request, 503 when none has: only the second is safe to repeat blindly. */
  protected failWithoutReplica(text: string): void {
    if (this.reached === null) {
      const retryAfterSeconds = this.plane.parking.retryAfterSeconds(this.service)
      return this.fail('no_replica', { status: 503, text, retryAfterSeconds })
    }
    this.plane.lost.add(this.describeLoss())
    this.fail('replica_lost', { status: 502, text: 'the replica was lost before it answered' })
  }

  protected fail(kind: RefusalKind, answer: OwnAnswer): void {
    this.status = answer.status
    this.fault = kind
    this.service.counter.refuse(kind)
    this.end(true)
    this.respond(answer)
  }

  protected describeLoss(): ReturnType<TrackedRequest['describe']> {
    return {
      ...this.describe(this.plane.clock.now() - this.plane.clock.monotonicMs()),
      cause: 'replica_lost',
    }
  }

  protected letGo(): void {
    this.upstream = null
    if (this.replica === null || !this.isCounted) return
    this.isCounted = false
    this.replica.inFlight -= 1
    this.plane.routes.forget(this.replica)
  }

  /** @param now monotonic ms. */
  protected end(hasFailed: boolean, now = this.plane.clock.monotonicMs()): void {
    if (this.isEnded) return
    this.isEnded = true
    this.forgetBody()
    const { service, plane } = this
    if (this.isWaiting) plane.parking.leave(service, this)
    this.isWaiting = false
    service.counter.end(this.reached, this.status, hasFailed, now - this.startedMono)
    plane.inFlight.remove(this)
    if (service.logShare > 0) this.log(now)
    if (service.waiting.count > 0) plane.parking.release(service)
  }

  private log(now: number): void {
    const { plane, service, reached, firstByteMs } = this
    if (!plane.accessLog.isSampled(service.logShare)) return
    plane.accessLog.add({
      time: new Date(plane.clock.now()).toISOString(),
      id: this.forwardedId,
      service: service.route.serviceName,
      replica: reached?.replicaId ?? null,
      version: reached?.version ?? null,
      method: this.method,
      path: shownPath(this.target),
      status: this.status,
      bytesIn: this.bytesIn,
      bytesOut: this.bytesOut,
      ms: rounded(now - this.startedMono),
      firstByteMs: firstByteMs < 0 ? null : rounded(firstByteMs),
      retries: maxRetries - this.retriesLeft,
      reason: this.fault,
    })
  }
}

/** To a hundredth. */
function rounded(ms: number): number {
  return Math.round(ms * 100) / 100
}
