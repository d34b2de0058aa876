import type { ReplicaState } from './replica-state.ts'

/** Why a wait ended without a replica. */
export type WaitEnd = 'too-long' | 'closed' | 'not-served'

/** A request in a line. The links are the line's. */
export interface WaitingRequest {
  /** Monotonic ms since when it waits. */
  waitsSince: number
  nextWaiting: WaitingRequest | null
  previousWaiting: WaitingRequest | null
  /** Replicas that it must not get. */
  readonly tried: readonly ReplicaState[] | null
  readonly hashKey: number
  /** Only some of the replicas will do: others behind it in the line may have room where it has none. */
  readonly isPinned: boolean
  onReplicaFree(replica: ReplicaState): void
  onWaitEnd(why: WaitEnd): void
}

/** Requests that wait for a replica of one service: first come, first served; any may leave at no cost. */
export class WaitingLine {
  count = 0
  first: WaitingRequest | null = null
  private last: WaitingRequest | null = null

  append(request: WaitingRequest): void {
    request.previousWaiting = this.last
    if (this.last === null) this.first = request
    else this.last.nextWaiting = request
    this.last = request
    this.count += 1
  }

  /** For one that has had its turn already. */
  prepend(request: WaitingRequest): void {
    request.nextWaiting = this.first
    if (this.first === null) this.last = request
    else this.first.previousWaiting = request
    this.first = request
    this.count += 1
  }

  remove(request: WaitingRequest): void {
    if (request.previousWaiting === null) this.first = request.nextWaiting
    else request.previousWaiting.nextWaiting = request.nextWaiting
    if (request.nextWaiting === null) this.last = request.previousWaiting
    else request.nextWaiting.previousWaiting = request.previousWaiting
    request.nextWaiting = null
    request.previousWaiting = null
    this.count -= 1
  }
}
