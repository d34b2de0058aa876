import type { Claim, EngineClock } from './store.ts'

/** Thrown where a worker would act on a row that it may no longer hold. Nothing was done. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError'
  readonly code = 'STALE_LEASE'
}

/** What keeps one claim alive: renewed on another thread than the one that reconciles (invariant 13). */
export interface HeldLease {
  /** Monotonic time until which nobody else can take the row; read live, also while this thread was blocked. */
  validUntilMs(): number
  /** Stops the renewal. */
  release(): void
}

export interface LeaseKeeper {
  /** Length of a lease: an observer takes a row only after it has seen it unmoved for so long. */
  readonly leaseMs: number
  /** @param claimedFromMs monotonic time just before the claim was written. */
  hold(claim: Claim, claimedFromMs: number): HeldLease
}

/** What a reconciler gets in hand: its right to act, and how much of it is left. */
export class Lease {
  readonly claim: Claim
  readonly #held: HeldLease
  readonly #clock: EngineClock
  readonly #stopping: AbortSignal

  constructor(claim: Claim, held: HeldLease, clock: EngineClock, stopping: AbortSignal) {
    this.claim = claim
    this.#held = held
    this.#clock = clock
    this.#stopping = stopping
  }

  /** Fencing token: goes with every write. */
  get token(): number {
    return this.claim.token
  }

  /** Aborts when the worker is told to stop: start nothing new. */
  get stopping(): AbortSignal {
    return this.#stopping
  }

  remainingMs(): number {
    return this.#held.validUntilMs() - this.#clock.monotonicMs()
  }

  /**
   * Call before each effect with the effect's own deadline (invariant 2).
   * @throws LeaseLostError when less than that is left, or when the worker is stopping.
   */
  guard(deadlineMs: number): void {
    const left = this.remainingMs()
    if (left < deadlineMs) {
      throw new LeaseLostError(
        `${this.claim.kind} ${this.claim.uid}: ${Math.round(left)} ms of the lease left, ${deadlineMs} ms needed`,
      )
    }
    if (this.#stopping.aborted)
      throw new LeaseLostError(`${this.claim.kind} ${this.claim.uid}: the worker stops`)
  }
}
