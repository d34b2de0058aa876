import type { Connection } from './connection-of.ts'

/** What the soak does to the gateway and to what stands behind it. */
export type CauseKind =
  | 'gateway process killed'
  | 'gateway process stopped'
  | 'gateway process told to end'
  | 'gateway process retired'
  | 'every gateway process killed'
  | 'replica killed'
  | 'route removed'
  | 'service closed'
  | 'limit of the service'

export interface Cause {
  readonly kind: CauseKind
  /** First 16 characters of a gateway's epoch, uid of a replica, or name of a service; '' where it is none of one. */
  readonly of: string
  /** Monotonic ms, of the harness. */
  readonly fromMs: number
  /** Infinity while it lasts. */
  toMs: number
  /** Of a gateway process that dies. */
  readonly had?: Had
}

/** What a gateway process had when it died. */
export interface Had {
  /** Where the clients came from whose connections it had. */
  readonly clientPorts: ReadonlySet<number>
  /** Paths of the requests in its journal: each of them has to be reported. */
  readonly journaled: ReadonlySet<string>
}

/** What lasts is shown for so long, ms. */
const shownMs = 5000

/** A time on the harness's clock. */
export interface Span {
  readonly fromMs: number
  readonly toMs: number
}

/** Everything that was done, with when and to whom. */
export class Causes {
  readonly all: Cause[] = []
  /** Things that were done and fail no request. */
  readonly harmless = new Map<string, number>()

  /** @returns what ends it. */
  begin(kind: CauseKind, of: string, death?: { readonly fromMs: number; readonly had: Had }): () => void {
    const cause: Cause = { kind, of, fromMs: performance.now(), toMs: Infinity, ...death }
    this.all.push(cause)
    return () => (cause.toMs = performance.now())
  }

  noteHarmless(what: string): void {
    this.harmless.set(what, (this.harmless.get(what) ?? 0) + 1)
  }

  /** The first of these kinds that was done to `of` in that time. */
  find(kinds: readonly CauseKind[], of: string, during: Span): Cause | null {
    const found = this.all.find(
      (cause) =>
        cause.of === of &&
        kinds.includes(cause.kind) &&
        cause.fromMs <= during.toMs &&
        cause.toMs >= during.fromMs,
    )
    return found ?? null
  }

  /** What of these kinds happened to the gateway process that had the connection. */
  findOf(kinds: readonly CauseKind[], { localPort, begunAtMs }: Connection): Cause | null {
    const found = this.all.find(
      ({ kind, had, toMs }) =>
        kinds.includes(kind) && had?.clientPorts.has(localPort) === true && begunAtMs <= toMs,
    )
    return found ?? null
  }

  /** What was done in that time, and whenever it was to `of`, for whoever has to find out. */
  shown({ fromMs, toMs }: Span, of: string): string {
    return this.all
      .filter((cause) => {
        const endMs = Math.min(cause.toMs, cause.fromMs + shownMs)
        const isMeanwhile = cause.fromMs <= toMs && endMs >= fromMs && cause.kind !== 'limit of the service'
        return isMeanwhile || (of !== '' && cause.of === of)
      })
      .map((cause) => `${cause.kind} ${cause.of} ${(cause.fromMs - fromMs).toFixed(0)} ms later`)
      .join(', ')
  }

  /** How often each was done. */
  counts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>()
    for (const { kind } of this.all) counts.set(kind, (counts.get(kind) ?? 0) + 1)
    return new Map([...counts, ...this.harmless])
  }
}
