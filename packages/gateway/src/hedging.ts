import type { ReplicaState } from './replica-state.ts'
import type { UpstreamConnection, UpstreamUser } from './upstream-connection.ts'

/** The request that may be given to a second replica. */
export interface SecondAttempt {
  /** Its time is over without a byte: the second one, or null where there is none or it may not be asked. */
  chooseSecond(): ReplicaState | null
  /** A connection to the replica: see `UpstreamPool.acquire`. */
  connectSecond(replica: ReplicaState): UpstreamConnection
  /** The second one takes it now. */
  writeSecond(upstream: UpstreamConnection): void
  /** The second one answers first. What it returns is as for `UpstreamUser.onUpstreamBytes`. */
  onSecondAnswer(bytes: Buffer, length: number): boolean
  /** The second one is gone without an answer, and no longer counted. */
  onSecondLost(upstream: UpstreamConnection, errorCode: string | null): void
  /** The request left the replica's count. */
  onSecondLeft(replica: ReplicaState): void
}

/**
 * A request's second attempt: waits for its time, then has its own connection and its own place in the second replica's count until one of
 * them answers. Whatever ends it, the count is given back once: by `cancel`, by the loss of the connection, or by whoever `take`s it over.
 */
export class Hedging implements UpstreamUser {
  private readonly request: SecondAttempt
  private readonly timer: NodeJS.Timeout
  private upstream: UpstreamConnection | null = null

  constructor(request: SecondAttempt, delayMs: number) {
    this.request = request
    this.timer = setTimeout(() => this.begin(), delayMs)
  }

  private begin(): void {
    const replica = this.request.chooseSecond()
    if (replica === null) return
    replica.inFlight += 1
    const upstream = this.request.connectSecond(replica)
    this.upstream = upstream
    upstream.user = this
    if (upstream.isConnected) this.request.writeSecond(upstream)
  }

  /** Hands the connection over, and with it the place in its replica's count; null: there is none. */
  take(): UpstreamConnection | null {
    const { upstream } = this
    clearTimeout(this.timer)
    this.upstream = null
    return upstream
  }

  /** Ends it: the second replica is told by the end of its connection. */
  cancel(): void {
    const upstream = this.take()
    if (upstream === null) return
    upstream.destroy()
    this.leave(upstream.replica)
  }

  private leave(replica: ReplicaState): void {
    replica.inFlight -= 1
    this.request.onSecondLeft(replica)
  }

  onUpstreamConnected(): void {
    if (this.upstream !== null) this.request.writeSecond(this.upstream)
  }

  onUpstreamBytes(bytes: Buffer, length: number): boolean {
    return this.request.onSecondAnswer(bytes, length)
  }

  onUpstreamDrain(): void {
    // The whole request was written at once.
  }

  onUpstreamEnd(): void {
    this.upstream?.destroy()
    this.onUpstreamClose(null)
  }

  onUpstreamClose(errorCode: string | null): void {
    const upstream = this.take()
    if (upstream === null) return
    this.leave(upstream.replica)
    this.request.onSecondLost(upstream, errorCode)
  }
}
