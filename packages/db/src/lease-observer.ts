import type { Clock } from '@skykeep/core/clock'
import type { DrivenKind } from './reconciliations.ts'

export interface LeaseObserverOptions {
  readonly clock: Clock
  /** How long a counter must stand still before its lease is lost, milliseconds. */
  readonly leaseMs: number
}

/** A lease of another as it was read. */
export interface SeenLease {
  readonly uid: string
  readonly leaseToken: number
  readonly leaseCounter: number
}

interface Memory {
  readonly token: number
  readonly counter: number
  stillMs: number
  seenAtMs: number
}

/**
 * Decides from its own observations alone that a lease is lost (invariant 5): its counter stood still for `leaseMs` of
 * observed time. An observation counts for at most a fifth of that, so that five are needed and a stretch in which
 * nobody could look (a stopped process, a locked database) expires nothing. Call it inside write transactions only: then
 * the holder could have renewed at each of them.
 */
export class LeaseObserver {
  readonly #clock: Clock
  readonly #leaseMs: number
  readonly #seen = new Map<DrivenKind, ReadonlyMap<string, Memory>>()

  constructor({ clock, leaseMs }: LeaseObserverOptions) {
    this.#clock = clock
    this.#leaseMs = leaseMs
  }

  /** Notes all leases of a kind that others hold. @returns the uids of those that are lost. */
  observe(kind: DrivenKind, held: readonly SeenLease[]): ReadonlySet<string> {
    const nowMs = this.#clock.monotonicMs()
    const before = this.#seen.get(kind)
    const memories = held.map(
      (lease) => [lease.uid, this.#remember(before?.get(lease.uid), lease, nowMs)] as const,
    )
    // Leases that are not held any more are forgotten with the old map.
    this.#seen.set(kind, new Map(memories))
    return new Set(memories.filter(([, memory]) => memory.stillMs >= this.#leaseMs).map(([uid]) => uid))
  }

  #remember(memory: Memory | undefined, lease: SeenLease, nowMs: number): Memory {
    if (memory === undefined || memory.token !== lease.leaseToken || memory.counter !== lease.leaseCounter) {
      return { token: lease.leaseToken, counter: lease.leaseCounter, stillMs: 0, seenAtMs: nowMs }
    }
    const stepMs = Math.min(nowMs - memory.seenAtMs, this.#leaseMs / 5)
    return { ...memory, stillMs: memory.stillMs + stepMs, seenAtMs: nowMs }
  }
}
