import type { UnfinishedRequest } from '@skykeep/core/routes'
import type { ReplicaState } from './replica-state.ts'
import { shownPath } from './request-path.ts'
import type { ServiceState } from './service-state.ts'

/** A request this old is written to the journal. */
const journaledAfterMs = 200

export type RequestKind = UnfinishedRequest['kind']

/** A request in flight, as the list and the journal see it. Links are its own, so that listing allocates nothing. */
export class TrackedRequest {
  readonly id: string
  readonly service: ServiceState
  readonly method: string
  readonly startedMono: number
  kind: RequestKind = 'request'
  replica: ReplicaState | null = null
  isJournaled = false
  newer: TrackedRequest | null = null
  older: TrackedRequest | null = null
  protected readonly target: string

  constructor(start: RequestStart) {
    this.id = start.id
    this.service = start.service
    this.method = start.method
    this.target = start.target
    this.startedMono = start.startedMono
  }

  /** @param wallOffsetMs what to add to a monotonic time to get a wall-clock one. */
  describe(wallOffsetMs: number): UnfinishedRequest {
    return {
      id: this.id,
      serviceUid: this.service.uid,
      serviceName: this.service.route.serviceName,
      method: this.method,
      path: shownPath(this.target),
      replicaUid: this.replica?.uid ?? null,
      sinceMs: Math.round(this.startedMono + wallOffsetMs),
      kind: this.kind,
    }
  }
}

export interface RequestStart {
  readonly id: string
  readonly service: ServiceState
  readonly method: string
  readonly target: string
  readonly startedMono: number
}

/** Where requests that last are written. */
export interface RequestJournal {
  begin(requests: readonly UnfinishedRequest[]): void
  update(request: UnfinishedRequest): void
  end(id: string): void
}

/** All requests in flight, oldest first. Those that end young never touch the journal. */
export class InFlight {
  private oldest: TrackedRequest | null = null
  private newest: TrackedRequest | null = null
  private readonly journaled = new Set<TrackedRequest>()
  private readonly journal: RequestJournal
  private readonly clock: { now(): number; monotonicMs(): number }

  constructor(journal: RequestJournal, clock: { now(): number; monotonicMs(): number }) {
    this.journal = journal
    this.clock = clock
  }

  get count(): number {
    let count = this.journaled.size
    for (let at = this.oldest; at !== null; at = at.newer) count += 1
    return count
  }

  add(request: TrackedRequest): void {
    request.older = this.newest
    if (this.newest === null) this.oldest = request
    else this.newest.newer = request
    this.newest = request
  }

  remove(request: TrackedRequest): void {
    if (request.isJournaled) {
      this.journaled.delete(request)
      this.journal.end(request.id)
    } else this.unlink(request)
  }

  private unlink(request: TrackedRequest): void {
    if (request.older === null) this.oldest = request.newer
    else request.older.newer = request.newer
    if (request.newer === null) this.newest = request.older
    else request.newer.older = request.older
    request.older = null
    request.newer = null
  }

  /** Says again what is known of a request whose kind or replica changed. */
  changed(request: TrackedRequest): void {
    if (request.isJournaled) this.journal.update(request.describe(this.wallOffset()))
  }

  /** Called every 50 ms: writes down, in one append, each request that has lasted 200 ms. */
  sweep(): void {
    const before = this.clock.monotonicMs() - journaledAfterMs
    if (this.oldest === null || this.oldest.startedMono > before) return
    const lasting: UnfinishedRequest[] = []
    const offset = this.wallOffset()
    for (
      let at: TrackedRequest | null = this.oldest;
      at !== null && at.startedMono <= before;
      at = this.oldest
    ) {
      this.unlink(at)
      at.isJournaled = true
      this.journaled.add(at)
      lasting.push(at.describe(offset))
    }
    this.journal.begin(lasting)
  }

  /** Those in flight for longer than `ms`. */
  lasting(ms: number): UnfinishedRequest[] {
    const before = this.clock.monotonicMs() - ms
    const offset = this.wallOffset()
    const found: UnfinishedRequest[] = []
    for (const request of this.journaled)
      if (request.startedMono < before) found.push(request.describe(offset))
    for (let at = this.oldest; at !== null && at.startedMono < before; at = at.newer)
      found.push(at.describe(offset))
    return found
  }

  private wallOffset(): number {
    return this.clock.now() - this.clock.monotonicMs()
  }
}
