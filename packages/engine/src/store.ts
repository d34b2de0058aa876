/** Time as the engine needs it: wall clock for what is stored, monotonic for what is decided. Milliseconds. */
export interface EngineClock {
  now(): number
  monotonicMs(): number
}

/** One row that this worker holds: the token fences every later write to it. */
export interface Claim {
  readonly kind: string
  readonly uid: string
  readonly token: number
  /** How often the row was claimed without coming to an end, this time included. */
  readonly claimCount: number
  /** Consecutive failures before this run: the input of the back-off. */
  readonly failureCount: number
}

/** How a run came to its end. */
export type Settlement =
  | { readonly type: 'requeue'; readonly afterMs: number }
  | { readonly type: 'done' }
  | { readonly type: 'failed'; readonly afterMs: number; readonly reason: string }

export interface ClaimRequest {
  readonly limit: number
  /** False: only rows whose last run came to an end. True: only rows whose last run did not (invariant 13). */
  readonly suspects: boolean
  /** True: `dueInMs` has just said that one is due. */
  readonly isKnownDue?: boolean
}

/**
 * The rows, as the engine sees them. Every method is one short transaction; each may throw when storage is degraded,
 * and nothing was changed then.
 */
export interface ReconcileStore {
  /** Claims rows that are due and not held, and counts the claim before it runs. */
  claimDue(kind: string, request: ClaimRequest): Promise<readonly Claim[]>
  /** Ends the run and gives the row back. False: the token was stale and nothing was written. A wake-up that came meanwhile is kept. */
  settle(claim: Claim, settlement: Settlement): Promise<boolean>
  /** Takes the row out of the loop until a person changes it, with the reason in sight. */
  setAside(claim: Claim, reason: string): Promise<void>
  /** By kind, milliseconds until its soonest row is due; 0 when one is. A kind of which none will be is not in it. */
  dueInMs(kinds: readonly string[]): Promise<ReadonlyMap<string, number>>
  /** False: `claimDue` would find no suspect of these kinds, and nothing that another worker holds. */
  mayHaveSuspects(kinds: readonly string[]): Promise<boolean>
  /** Makes every row of these kinds due, spread evenly over the window (invariant 14). */
  spreadDue(kinds: readonly string[], windowMs: number): Promise<void>
}
