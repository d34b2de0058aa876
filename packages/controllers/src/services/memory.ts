import type { Clock } from '@skykeep/core/clock'
import type { Replica } from '@skykeep/core/nouns'

/** What this process remembers of one service between looks; all of it may be lost at any time. */
interface ServiceMemory {
  newestEndUid: string | null
  newestEndSeenAtMs: number
  /** Monotonic time of the last look at the rollout, and of the last tick of the autoscaler. */
  rolledAtMs: number | null
  tickedAtMs: number | null
  /** Monotonic time since which each replica is seen READY. */
  readonly readySinceMs: Map<string, number>
}

/** A look that comes later than this saw nothing of the time between, milliseconds. */
const longestLookMs = 5_000

/** Time as this process watched it: on the monotonic clock, never over a stretch in which nobody looked (invariant 5). */
export class ServiceWatch {
  readonly #clock: Clock
  readonly #services = new Map<string, ServiceMemory>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  forget(serviceUid: string): void {
    this.#services.delete(serviceUid)
  }

  /** Elapsed since the newest end was first seen here: a wall clock that jumps freezes no retry. Null when none ended. */
  sinceLastEnd(serviceUid: string, last: Replica | undefined): number | null {
    const memory = this.#of(serviceUid)
    if (last === undefined) return null
    const nowMs = this.#clock.monotonicMs()
    if (memory.newestEndUid !== last.uid) {
      memory.newestEndUid = last.uid
      memory.newestEndSeenAtMs = nowMs
    }
    return nowMs - memory.newestEndSeenAtMs
  }

  /** Milliseconds watched since the last look at the rollout, and starts the next stretch. */
  rolled(serviceUid: string): number {
    const memory = this.#of(serviceUid)
    const nowMs = this.#clock.monotonicMs()
    const elapsedMs = memory.rolledAtMs === null ? 0 : nowMs - memory.rolledAtMs
    memory.rolledAtMs = nowMs
    return elapsedMs <= longestLookMs ? Math.round(elapsedMs) : 0
  }

  /** Uids of the replicas that were seen READY without a break for so long. */
  settled(serviceUid: string, replicas: readonly Replica[], minReadyMs: number): ReadonlySet<string> {
    const { readySinceMs } = this.#of(serviceUid)
    const nowMs = this.#clock.monotonicMs()
    const ready = new Set(replicas.filter(({ status }) => status === 'READY').map(({ uid }) => uid))
    for (const uid of readySinceMs.keys()) if (!ready.has(uid)) readySinceMs.delete(uid)
    for (const uid of ready) if (!readySinceMs.has(uid)) readySinceMs.set(uid, nowMs)
    return new Set([...ready].filter((uid) => nowMs - (readySinceMs.get(uid) ?? nowMs) >= minReadyMs))
  }

  /** Milliseconds until the next tick; the first comes a whole interval after this process began to look. */
  untilTick(serviceUid: string, tickMs: number): number {
    const memory = this.#of(serviceUid)
    const nowMs = this.#clock.monotonicMs()
    memory.tickedAtMs ??= nowMs
    return Math.max(0, memory.tickedAtMs + tickMs - nowMs)
  }

  noteTick(serviceUid: string): void {
    this.#of(serviceUid).tickedAtMs = this.#clock.monotonicMs()
  }

  #of(serviceUid: string): ServiceMemory {
    const known = this.#services.get(serviceUid)
    if (known !== undefined) return known
    const fresh: ServiceMemory = {
      newestEndUid: null,
      newestEndSeenAtMs: 0,
      rolledAtMs: null,
      tickedAtMs: null,
      readySinceMs: new Map(),
    }
    this.#services.set(serviceUid, fresh)
    return fresh
  }
}
