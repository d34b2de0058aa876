import type { Claim } from './store.ts'

/** How a run ended, as it is counted. `lease_lost`: it did not act, as too little of its lease was left. */
export type RunOutcome = 'done' | 'requeue' | 'failed' | 'lease_lost'

/** Told of what the engine does; must not throw. */
export interface EngineObserver {
  onClaimed(kind: string, count: number): void
  /** A look for due rows failed. */
  onClaimFailure(): void
  onRun(claim: Claim, outcome: RunOutcome, tookMs: number): void
  /** The claim was taken over meanwhile: what the run found was dropped. */
  onStale(claim: Claim): void
  /** Runs a claim's work, under whatever its lines and spans are to say. */
  around<T>(claim: Claim, work: () => Promise<T>): Promise<T>
}
