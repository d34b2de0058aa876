import { backoffMs, type BackoffBounds } from './backoff.ts'
import { Lease, type LeaseKeeper } from './lease.ts'
import type { EngineObserver } from './observer.ts'
import { runClaim, type EngineLog, type Reconciler } from './run-claim.ts'
import type { Claim, EngineClock, ReconcileStore, Settlement } from './store.ts'
import { WakeBell } from './wake-bell.ts'

export type { EngineLog, Reconciler } from './run-claim.ts'

export interface EngineOptions {
  readonly store: ReconcileStore
  readonly keeper: LeaseKeeper
  readonly clock: EngineClock
  readonly random: () => number
  readonly log: EngineLog
  readonly reconcilers: readonly Reconciler[]
  /** Told of an error that no row caused (claiming failed) and, with null, of the next success. */
  readonly onStoreHealth?: (error: unknown) => void
  /** True for an error that ends the whole process (fenced): the engine stops claiming at once. */
  readonly isFatal?: (error: unknown) => boolean
  readonly onFatal?: (error: unknown) => void
  readonly backoff?: BackoffBounds
  readonly observer?: EngineObserver
  /** Longest sleep without looking, milliseconds. */
  readonly idleMs?: number
  /** Due times of the rows found at start are spread over this, milliseconds. */
  readonly startSpreadMs?: number
}

/** Claims of one row that never came to an end before it is set aside (invariant 13). */
export const maxUnfinishedClaims = 3
/** The wall clock moved against the monotonic one by more than this: all due times are looked at anew (invariant 5). */
const clockJumpMs = 2_000
const clockJumpSpreadMs = 3_000
/** How often suspects, and the leases of other workers, are looked at. */
const suspectsEveryMs = 1_000
/** A wake-up waits so long for others. */
const gatherMs = 10

/** The reconcile loop: it knows rows, leases and delays, and nothing of what the rows mean. */
export class Engine {
  readonly #options: EngineOptions
  readonly #kinds: readonly string[]
  readonly #inFlight = new Map<string, number>()
  readonly #runs = new Set<Promise<void>>()
  readonly #stopping = new AbortController()
  readonly #bell = new WakeBell()
  #loop: Promise<void> | undefined
  #failures = 0
  #suspectsSeenAtMs = Number.NEGATIVE_INFINITY
  #hasSuspect = false
  #wallMinusMonotonicMs: number

  constructor(options: EngineOptions) {
    this.#options = options
    this.#kinds = options.reconcilers.map((reconciler) => reconciler.kind)
    this.#wallMinusMonotonicMs = options.clock.now() - options.clock.monotonicMs()
  }

  /** Starts claiming; the rows that were already due come one after the other over `startSpreadMs`. */
  start(): void {
    this.#loop ??= this.#run()
  }

  /** Look sooner: something may have become due. Correctness never rests on it. */
  wake(): void {
    this.#bell.ring()
  }

  /** Rows being reconciled now. */
  get running(): number {
    return this.#runs.size
  }

  /**
   * Claims nothing more, lets what runs come to its end, for at most `graceMs`.
   * @returns true when everything ended in time.
   */
  async drain(graceMs: number): Promise<boolean> {
    this.#stopping.abort()
    this.#bell.ring()
    const ended = Promise.all([this.#loop, ...this.#runs]).then(() => true)
    let timer: NodeJS.Timeout | undefined
    const timedOut = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(false), graceMs)
    })
    const isDrained = await Promise.race([ended, timedOut])
    clearTimeout(timer)
    return isDrained
  }

  async #run(): Promise<void> {
    let isSpread = false
    while (!this.#stopping.signal.aborted) {
      let sleepMs: number
      try {
        if (!isSpread) await this.#options.store.spreadDue(this.#kinds, this.#options.startSpreadMs ?? 2_000)
        isSpread = true
        await this.#respreadAfterClockJump()
        sleepMs = await this.#claimAndLook()
        this.#failures = 0
        this.#options.onStoreHealth?.(null)
      } catch (error) {
        if (this.#isFatal(error)) return
        this.#failures += 1
        sleepMs = backoffMs(this.#failures, this.#options.random(), { firstMs: 200, capMs: 5_000 })
        this.#options.onStoreHealth?.(error)
        this.#options.observer?.onClaimFailure()
        this.#options.log.warn({ err: error, retryInMs: sleepMs }, 'cannot claim rows; nothing was changed')
      }
      await this.#bell.wait(sleepMs)
      // What one run commits rings several times: one look answers them all.
      if (sleepMs > gatherMs) await new Promise((resolve) => setTimeout(resolve, gatherMs))
    }
  }

  #isFatal(error: unknown): boolean {
    if (this.#options.isFatal?.(error) !== true) return false
    this.#stopping.abort()
    this.#options.onFatal?.(error)
    return true
  }

  async #respreadAfterClockJump(): Promise<void> {
    const offsetMs = this.#options.clock.now() - this.#options.clock.monotonicMs()
    const jumpMs = offsetMs - this.#wallMinusMonotonicMs
    if (Math.abs(jumpMs) < clockJumpMs) return
    this.#options.log.warn({ jumpMs }, 'the wall clock jumped: every due time is looked at anew')
    await this.#options.store.spreadDue(this.#kinds, clockJumpSpreadMs)
    this.#wallMinusMonotonicMs = offsetMs
  }

  /** @returns how long to sleep unless woken, milliseconds. */
  async #claimAndLook(): Promise<number> {
    const idleMs = this.#options.idleMs ?? 1_000
    const waiting = this.#options.reconcilers.filter((reconciler) => this.#freeSlots(reconciler) > 0)
    const kinds = waiting.map(({ kind }) => kind)
    // One question for all kinds: most wake-ups are of commits that made nothing due.
    let dueInMs = await this.#options.store.dueInMs(kinds)
    const due = waiting.filter(({ kind }) => dueInMs.get(kind) === 0)
    for (const reconciler of due) {
      const free = this.#freeSlots(reconciler)
      const from = this.#options.clock.monotonicMs()
      const request = { limit: free, suspects: false, isKnownDue: true }
      const claims = await this.#options.store.claimDue(reconciler.kind, request)
      for (const claim of claims) void this.#begin(reconciler, claim, from)
    }
    const nowMs = this.#options.clock.monotonicMs()
    if (!this.#hasSuspect && nowMs - this.#suspectsSeenAtMs >= suspectsEveryMs) {
      this.#suspectsSeenAtMs = nowMs
      await this.#claimSuspect()
    }
    if (due.length > 0) dueInMs = await this.#options.store.dueInMs(kinds)
    if (dueInMs.size === 0) return idleMs
    const soonestMs = Math.min(...dueInMs.values())
    // Due and yet not claimed: a suspect that waits for its turn.
    return soonestMs === 0 ? Math.min(suspectsEveryMs / 4, idleMs) : Math.min(Math.max(soonestMs, 5), idleMs)
  }

  #freeSlots({ kind, limit }: Reconciler): number {
    return limit - (this.#inFlight.get(kind) ?? 0)
  }

  /**
   * Rows whose last run did not come to an end run one at a time. The one that kills its worker is then never beside another
   * suspect, so no innocent row ever counts to three with it.
   */
  async #claimSuspect(): Promise<void> {
    if (!(await this.#options.store.mayHaveSuspects(this.#kinds))) return
    for (const reconciler of this.#options.reconcilers) {
      const from = this.#options.clock.monotonicMs()
      const [suspect] = await this.#options.store.claimDue(reconciler.kind, { limit: 1, suspects: true })
      if (suspect === undefined) continue
      if (suspect.claimCount > maxUnfinishedClaims) {
        const reason = `${suspect.kind} ${suspect.uid}: ${maxUnfinishedClaims} runs never came to an end (the worker died in each)`
        await this.#options.store.setAside(suspect, reason)
        this.#options.log.error({ kind: suspect.kind, uid: suspect.uid }, reason)
        continue
      }
      this.#hasSuspect = true
      void this.#begin(reconciler, suspect, from).finally(() => {
        this.#hasSuspect = false
        this.#suspectsSeenAtMs = Number.NEGATIVE_INFINITY
      })
      return
    }
  }

  #begin(reconciler: Reconciler, claim: Claim, claimedFromMs: number): Promise<void> {
    const { observer } = this.#options
    observer?.onClaimed(claim.kind, 1)
    this.#inFlight.set(claim.kind, (this.#inFlight.get(claim.kind) ?? 0) + 1)
    const work = (): Promise<void> => this.#reconcile(reconciler, claim, claimedFromMs)
    const run = (observer === undefined ? work() : observer.around(claim, work)).finally(() => {
      this.#inFlight.set(claim.kind, (this.#inFlight.get(claim.kind) ?? 1) - 1)
      this.#runs.delete(run)
      this.#bell.ring()
    })
    this.#runs.add(run)
    return run
  }

  async #reconcile(reconciler: Reconciler, claim: Claim, claimedFromMs: number): Promise<void> {
    const { keeper, clock, log } = this.#options
    const held = keeper.hold(claim, claimedFromMs)
    try {
      const lease = new Lease(claim, held, clock, this.#stopping.signal)
      const startedMs = clock.monotonicMs()
      const settlement = await runClaim(reconciler, lease, {
        ...this.#options,
        onOutcome: (outcome) =>
          this.#options.observer?.onRun(claim, outcome, clock.monotonicMs() - startedMs),
      })
      const isSettled = await this.#settleAtLast(claim, settlement)
      if (!isSettled) {
        this.#options.observer?.onStale(claim)
        log.warn({ kind: claim.kind, uid: claim.uid }, 'the lease was taken over; the result is dropped')
      }
    } catch (error) {
      if (!this.#isFatal(error))
        log.warn({ err: error, kind: claim.kind, uid: claim.uid }, 'cannot settle a row')
    } finally {
      held.release()
    }
  }

  /** While storage is degraded the run is not over: giving up would count it as one that killed its worker. */
  async #settleAtLast(claim: Claim, settlement: Settlement): Promise<boolean> {
    for (let failures = 1; ; failures += 1) {
      try {
        return await this.#options.store.settle(claim, settlement)
      } catch (error) {
        if (this.#options.isFatal?.(error) === true || this.#stopping.signal.aborted) throw error
        this.#options.onStoreHealth?.(error)
        const pauseMs = backoffMs(failures, this.#options.random(), { firstMs: 100, capMs: 2_000 })
        await new Promise((resolve) => setTimeout(resolve, pauseMs))
      }
    }
  }
}
