import { backoffMs, defaultBackoff, type BackoffBounds } from './backoff.ts'
import { LeaseLostError, type Lease } from './lease.ts'
import type { RunOutcome } from './observer.ts'
import type { Settlement } from './store.ts'

/** One kind of row and what brings it closer to what is wanted. */
export interface Reconciler {
  readonly kind: string
  /** Rows of this kind that run at once. */
  readonly limit: number
  /**
   * Reads everything anew, decides, takes one idempotent step. Waiting is a returned delay, failing is a throw.
   * `done` means that only a wake-up (a change of the row) makes it due again.
   */
  reconcile(uid: string, lease: Lease): Promise<{ readonly requeueAfterMs: number } | 'done'>
}

/** The only thing that the engine says of itself. */
export interface EngineLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface RunOptions {
  readonly random: () => number
  readonly log: EngineLog
  readonly backoff?: BackoffBounds
  readonly onOutcome?: (outcome: RunOutcome) => void
  /** True for an error that ends the whole process (fenced). */
  readonly isFatal?: (error: unknown) => boolean
}

/** A run that found its lease too short comes back after this. */
const leaseLostPauseMs = 1_000

/**
 * Runs one claim and says how it came to its end: an error is a back-off, a lease that is too short a short pause.
 * @throws only what is fatal.
 */
export async function runClaim(
  reconciler: Reconciler,
  lease: Lease,
  { random, log, backoff, isFatal, onOutcome }: RunOptions,
): Promise<Settlement> {
  const { kind, uid, failureCount } = lease.claim
  try {
    const result = await reconciler.reconcile(uid, lease)
    onOutcome?.(result === 'done' ? 'done' : 'requeue')
    return result === 'done' ? { type: 'done' } : { type: 'requeue', afterMs: result.requeueAfterMs }
  } catch (error) {
    if (isFatal?.(error) === true) throw error
    if (error instanceof LeaseLostError) {
      onOutcome?.('lease_lost')
      log.info({ kind, uid }, error.message)
      return { type: 'requeue', afterMs: lease.stopping.aborted ? 0 : leaseLostPauseMs }
    }
    onOutcome?.('failed')
    const afterMs = backoffMs(failureCount + 1, random(), backoff ?? defaultBackoff)
    const reason = error instanceof Error ? error.message : String(error)
    log.warn({ err: error, kind, uid, retryInMs: afterMs }, 'reconcile failed')
    return { type: 'failed', afterMs, reason }
  }
}
