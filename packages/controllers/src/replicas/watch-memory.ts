import type { Clock } from '@skykeep/core/clock'

/** What this process remembers of one replica between looks; all of it may be lost at any time. */
export interface ReplicaMemory {
  /** Monotonic time of the last look whose time counted. */
  lookedAtMs: number | null
  /** Watched starting time that is not written yet. */
  unwrittenMs: number
  /** Monotonic time of the last full description of its job. */
  describedAtMs: number | null
  /** Monotonic time of the last look at its node. */
  sightedAtMs: number | null
  /** Monotonic time since which its node is not found. */
  missingSinceMs: number | null
  /** Monotonic time since which its node is there and cannot be entered. */
  homelessSinceMs: number | null
  /** Monotonic time since which its node boots. */
  bootingSinceMs: number | null
  /** Monotonic time since which its job cannot be told to stop. */
  unstoppableSinceMs: number | null
  /** Monotonic time since which it drains. */
  drainingSinceMs: number | null
  probedAtMs: number | null
}

/** A look that comes this much later than expected saw nothing of the time between. */
const toleranceMs = 2_000

export class WatchMemory {
  readonly #clock: Clock
  readonly #replicas = new Map<string, ReplicaMemory>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  of(replicaUid: string): ReplicaMemory {
    const known = this.#replicas.get(replicaUid)
    if (known !== undefined) return known
    const fresh: ReplicaMemory = {
      lookedAtMs: null,
      unwrittenMs: 0,
      describedAtMs: null,
      sightedAtMs: null,
      missingSinceMs: null,
      homelessSinceMs: null,
      bootingSinceMs: null,
      unstoppableSinceMs: null,
      drainingSinceMs: null,
      probedAtMs: null,
    }
    this.#replicas.set(replicaUid, fresh)
    return fresh
  }

  /**
   * Milliseconds that were watched since the last look, and starts the next stretch. A worker that was down, stopped or locked out
   * comes far later than expected and adds nothing (invariant 5).
   * @param expectedMs longest that an undisturbed worker takes from one look to the next
   */
  watched(replicaUid: string, expectedMs: number): number {
    const memory = this.of(replicaUid)
    const nowMs = this.#clock.monotonicMs()
    const elapsedMs = memory.lookedAtMs === null ? 0 : nowMs - memory.lookedAtMs
    memory.lookedAtMs = nowMs
    return elapsedMs <= expectedMs * 1.5 + toleranceMs ? Math.round(elapsedMs) : 0
  }

  /**
   * Notes one more look in which the infra did not find what is the replica's. True once that has lasted for the infra's consistency
   * window, milliseconds: before, a create that was just intended may not be listed yet (invariant 4).
   */
  isMissingProven(replicaUid: string, consistencyWindowMs: number): boolean {
    const memory = this.of(replicaUid)
    const nowMs = this.#clock.monotonicMs()
    memory.missingSinceMs ??= nowMs
    return nowMs - memory.missingSinceMs >= consistencyWindowMs
  }

  noteFound(replicaUid: string): void {
    this.of(replicaUid).missingSinceMs = null
  }

  forget(replicaUid: string): void {
    this.#replicas.delete(replicaUid)
  }

  /** Replicas that something is remembered of. */
  get size(): number {
    return this.#replicas.size
  }
}
