import type { ServiceState } from './service-state.ts'
import type { WaitingRequest } from './waiting-line.ts'

const tellEveryMs = 1000
const shortestRetrySeconds = 1
const longestRetrySeconds = 30

/**
 * Requests for which no replica has room (invariants 14 and 18). Their clients' sockets are not read beyond what was read
 * already; they are let go one by one, in order, as room appears.
 */
export class Parking {
  /** The services for which one waits. */
  private readonly services = new Set<ServiceState>()
  private readonly monotonicMs: () => number
  private readonly onFirst: (serviceUid: string) => void

  /** @param onFirst told, at most once a second for each service, that its first request waits. */
  constructor(monotonicMs: () => number, onFirst: (serviceUid: string) => void) {
    this.monotonicMs = monotonicMs
    this.onFirst = onFirst
  }

  /** Takes the request into the line. `hasPriority`: it had its turn before. False: there is no room for one more. */
  admit(service: ServiceState, request: WaitingRequest, hasPriority: boolean): boolean {
    const { waiting, counter } = service
    if (waiting.count >= service.maxWaiting) return false
    request.waitsSince = this.monotonicMs()
    if (hasPriority) waiting.prepend(request)
    else waiting.append(request)
    counter.park()
    this.services.add(service)
    if (waiting.count === 1) this.tell(service, request.waitsSince)
    return true
  }

  private tell(service: ServiceState, now: number): void {
    if (now - service.toldAt < tellEveryMs) return
    service.toldAt = now
    this.onFirst(service.uid)
  }

  /** Takes the request out, whatever comes of it. */
  leave(service: ServiceState, request: WaitingRequest): void {
    service.waiting.remove(request)
    service.counter.unpark()
    if (service.waiting.count === 0) this.services.delete(service)
  }

  /** Lets those go for whom there is room now. */
  release(service: ServiceState): void {
    // One that is let go may fail at once, and its end comes here again.
    if (service.isReleasing) return
    service.isReleasing = true
    let next: WaitingRequest | null = null
    for (let request = service.waiting.first; request !== null; request = next) {
      next = request.nextWaiting
      const replica = service.choose(request, true)
      if (replica !== null && replica.ejectedAt < 0) {
        this.leave(service, request)
        request.onReplicaFree(replica)
        // Whoever left in the meantime took its place along.
        next = service.waiting.first
      } else if (request.tried === null && !request.isPinned) break
    }
    service.isReleasing = false
  }

  /** The table or a limit changed. */
  onChange(service: ServiceState): void {
    if (service.waiting.count === 0) return
    if (service.isGone) return this.endAll(service, 'not-served')
    if (service.route.closed !== undefined) return this.endAll(service, 'closed')
    this.release(service)
    if (service.maxWaiting === 0) this.endAll(service, 'not-served')
  }

  private endAll(service: ServiceState, why: 'closed' | 'not-served'): void {
    for (let request = service.waiting.first; request !== null; request = service.waiting.first) {
      this.leave(service, request)
      request.onWaitEnd(why)
    }
  }

  /** Called every 50 ms: ends what waited too long, and lets go whom a replica that is back can take. */
  sweep(): void {
    const now = this.monotonicMs()
    for (const service of this.services) {
      this.endOld(service, now)
      this.release(service)
    }
  }

  private endOld(service: ServiceState, now: number): void {
    let next: WaitingRequest | null = null
    for (let request = service.waiting.first; request !== null; request = next) {
      next = request.nextWaiting
      if (now - request.waitsSince < service.waitTimeoutMs) continue
      this.leave(service, request)
      request.onWaitEnd('too-long')
      next = service.waiting.first
    }
  }

  /** What a client that finds no place is told to wait, seconds: as long as the first in the line has waited, within bounds. */
  retryAfterSeconds(service: ServiceState): number {
    const { first } = service.waiting
    const waitedMs = first === null ? 0 : this.monotonicMs() - first.waitsSince
    return Math.min(longestRetrySeconds, Math.max(shortestRetrySeconds, Math.ceil(waitedMs / 1000)))
  }
}
