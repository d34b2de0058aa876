import type { Clock } from '@skykeep/core/clock'
import type { SeenGateway } from './gateway-view.ts'

/** An older look at the gateways proves nothing. */
const freshMs = 5_000
/** The second that runs, one for the look at it, one for clocks that differ by less than a jump. */
const lagSeconds = 3

/** Seconds of counts that autoscaling looks at. */
const windowSeconds = 60

/** Less than a gateway keeps what nobody has acked. */
const keptByGatewaySeconds = 590

/** What a service's requests are like at this moment. */
export interface ServiceLoad {
  /**
   * True only when every gateway process that lives was asked a moment ago and answered, and when the counts in the database are whole
   * over the last 60 s, up to 3 s ago: none is behind with them, none was lost in that time. False: what is known is the least that it
   * can be, and nothing may be concluded from a low number (invariant 11).
   */
  readonly isComplete: boolean
  /** Requests that a replica has. */
  readonly inFlight: number
  /** Requests that wait for a replica. */
  readonly parked: number
  /** Last second (since the Unix epoch) that every gateway process that lives has delivered; null: not known. */
  readonly windowEndSecond: number | null
}

/** What autoscaling and rollouts may ask of the gateways. Requests a second stand in the database. */
export interface LoadView {
  loadOf(serviceUid: string): ServiceLoad
}

/** What the publisher has heard of requests, and when. */
export class LoadMemory {
  readonly #clock: Clock
  /** Last second that is whole in the database, by gateway process life. */
  readonly #completeTo = new Map<string, number>()
  /** Services of which a gateway said that a request waits, since the last look. */
  #wokenBy = new Set<string>()
  #parked: ReadonlySet<string> = new Set()
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

  /** Runs a look at the gateways, and takes what it saw. @returns the services for which a request waits since this look. */
  async during(look: () => Promise<readonly SeenGateway[]>): Promise<readonly string[]> {
    const before = this.#wokenBy
    this.#wokenBy = new Set()
    const startedMs = this.#clock.monotonicMs()
    try {
      const gateways = await look()
      this.#noteSeen(gateways, startedMs)
      const parked = new Set(gateways.flatMap(({ status }) => Object.keys(status?.parked ?? {})))
      const fresh = [...parked].filter((uid) => !this.#parked.has(uid))
      this.#parked = parked
      return fresh
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

  /**
   * The seconds over which the counts of every gateway that lives are in the database, both included; null: none are known to be. They go
   * back to where a gateway last lost some, ten minutes at most: what it keeps.
   */
  coverage(
    gateways: readonly SeenGateway[],
  ): { readonly fromSecond: number; readonly toSecond: number } | null {
    const toSecond = this.#isFresh(gateways) ? this.#completeToAll(gateways) : null
    if (toSecond === null) return null
    const since = gateways.map(({ status }) => status?.countsSinceSecond ?? Number.POSITIVE_INFINITY)
    const fromSecond = Math.max(toSecond - keptByGatewaySeconds, ...since)
    return fromSecond <= toSecond ? { fromSecond, toSecond } : null
  }

  loadOf(gateways: readonly SeenGateway[], serviceUid: string): ServiceLoad {
    const parked = sumOf(gateways, ({ parked }) => parked?.[serviceUid])
    const windowEndSecond = this.#isFresh(gateways) ? this.#completeToAll(gateways) : null
    return {
      isComplete: windowEndSecond !== null && this.#isWhole(gateways, windowEndSecond),
      inFlight: sumOf(gateways, ({ inFlightByService }) => inFlightByService?.[serviceUid]),
      parked: Math.max(parked, this.#wokenBy.has(serviceUid) ? 1 : 0),
      windowEndSecond,
    }
  }

  #completeToAll(gateways: readonly SeenGateway[]): number | null {
    let least = Number.POSITIVE_INFINITY
    const nowSecond = Math.floor(this.#clock.now() / 1000)
    for (const { status } of gateways) {
      const completeTo = status === null ? undefined : this.#completeTo.get(status.epoch)
      // A gateway whose clock differs counts into other seconds than those that are asked for.
      if (completeTo === undefined || Math.abs(nowSecond - completeTo) > lagSeconds) return null
      least = Math.min(least, completeTo)
    }
    return least
  }

  #isWhole(gateways: readonly SeenGateway[], endSecond: number): boolean {
    if (this.#clock.monotonicMs() - this.#lostAtMs < windowSeconds * 1000) return false
    return gateways.every(({ status }) => {
      const since = status?.countsSinceSecond
      return since !== undefined && since <= endSecond - windowSeconds + 1
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
