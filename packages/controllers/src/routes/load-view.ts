import type { Clock } from '@skykeep/core/clock'
import type { SeenGateway } from './gateway-view.ts'

/** An older look at the gateways proves nothing. */
const freshMs = 5_000
/** The second that runs, one for the look at it, one for clocks that differ by less than a jump. */
const lagSeconds = 3

/** What a service's requests are like at this moment. */
export interface ServiceLoad {
  /** Every gateway process that lives was asked a moment ago and answered; false: the numbers are what is known at least. */
  readonly isComplete: boolean
  /** Requests that a replica has. */
  readonly inFlight: number
  /** Requests that wait for a replica. */
  readonly parked: number
}

/** What autoscaling may ask of the gateways. Requests a second stand in the database. */
export interface LoadView {
  loadOf(serviceUid: string): ServiceLoad
  /**
   * True only when the counts in the database are whole over the last `windowSeconds`, up to 3 s ago: every gateway process that lives
   * delivered them, and none was lost in that time. False means that nothing may be concluded from a low number (invariant 11).
   */
  areCountsComplete(windowSeconds: number): boolean
}

/** What the publisher has heard of requests, and when. */
export class LoadMemory {
  readonly #clock: Clock
  /** Last second that is whole in the database, by gateway process life. */
  readonly #completeTo = new Map<string, number>()
  /** Services of which a gateway said that a request waits, since the last look. */
  #wokenBy = new Set<string>()
  #epochs: ReadonlySet<string> = new Set()
  #lostAtMs = Number.NEGATIVE_INFINITY
  #lookedAtMs = Number.NEGATIVE_INFINITY

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A gateway said that a request waits; it counts until a look that began later. */
  noteParked(serviceUid: string): void {
    this.#wokenBy.add(serviceUid)
  }

  /** Runs a look at the gateways, and takes what it saw. */
  async during(look: () => Promise<readonly SeenGateway[]>): Promise<void> {
    const before = this.#wokenBy
    this.#wokenBy = new Set()
    const startedMs = this.#clock.monotonicMs()
    try {
      this.#noteSeen(await look(), startedMs)
    } catch (error) {
      for (const uid of before) this.#wokenBy.add(uid)
      throw error
    }
  }

  #noteSeen(gateways: readonly SeenGateway[], atMs: number): void {
    const epochs = new Set(gateways.flatMap(({ status }) => status?.epoch ?? []))
    if ([...this.#epochs].some((epoch) => !epochs.has(epoch))) this.#lostAtMs = atMs
    for (const epoch of this.#completeTo.keys()) if (!epochs.has(epoch)) this.#completeTo.delete(epoch)
    this.#epochs = epochs
    this.#lookedAtMs = atMs
  }

  /** All counts of the process life up to that second are in the database. */
  noteComplete(epoch: string, second: number): void {
    this.#completeTo.set(epoch, second)
  }

  loadOf(gateways: readonly SeenGateway[], serviceUid: string): ServiceLoad {
    const parked = sumOf(gateways, ({ parked }) => parked?.[serviceUid])
    return {
      isComplete: this.#isFresh(gateways),
      inFlight: sumOf(gateways, ({ inFlightByService }) => inFlightByService?.[serviceUid]),
      parked: Math.max(parked, this.#wokenBy.has(serviceUid) ? 1 : 0),
    }
  }

  areCountsComplete(gateways: readonly SeenGateway[], windowSeconds: number): boolean {
    if (!this.#isFresh(gateways)) return false
    if (this.#clock.monotonicMs() - this.#lostAtMs < windowSeconds * 1000) return false
    const nowSecond = Math.floor(this.#clock.now() / 1000)
    return gateways.every(({ status }) => {
      const completeTo = status === null ? undefined : this.#completeTo.get(status.epoch)
      const since = status?.countsSinceSecond
      // A gateway whose clock differs counts into other seconds than those that are asked for.
      const isCurrent = completeTo !== undefined && Math.abs(nowSecond - completeTo) <= lagSeconds
      return isCurrent && since !== undefined && since <= nowSecond - windowSeconds
    })
  }

  #isFresh(gateways: readonly SeenGateway[]): boolean {
    const isRecent = this.#clock.monotonicMs() - this.#lookedAtMs <= freshMs
    return isRecent && gateways.length > 0 && gateways.every(({ state }) => state === 'answering')
  }
}

function sumOf(
  gateways: readonly SeenGateway[],
  numberIn: (status: NonNullable<SeenGateway['status']>) => number | undefined,
): number {
  return gateways.reduce((sum, { status }) => sum + (status === null ? 0 : (numberIn(status) ?? 0)), 0)
}
