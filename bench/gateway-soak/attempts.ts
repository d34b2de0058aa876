import type { Connection } from './connection-of.ts'

/** How an attempt of a client ended. */
export type Ending =
  | { readonly how: 'whole' }
  /** By the gateway, at the time and in the way that it should. */
  | { readonly how: 'ended' }
  /** The client left of its own will. */
  | { readonly how: 'left' }
  /** Answered by the gateway in its own name. */
  | { readonly how: 'refused'; readonly status: number; readonly text: string }
  /** No connection, or it broke before the answer was whole. */
  | { readonly how: 'broken'; readonly code: string }
  /** Whole, and not what it should be. */
  | { readonly how: 'wrong'; readonly what: string }
  /** Nothing ended it; `what` was known of its connection then. */
  | { readonly how: 'hung'; readonly what?: string }

/** What a client saw of one request, or of a connection that never came to one. */
export interface Seen {
  readonly ending: Ending
  /** Null: it had none. */
  readonly connection: Connection | null
  /** First 16 characters of the epoch of the gateway process that has the connection; '' when no answer told it. */
  readonly epoch: string
  /** Uid of the replica that answers; '' when none did. */
  readonly replica: string
  /** Monotonic ms; null: nothing came. */
  readonly firstByteAtMs: number | null
  /** The connection had carried a request before. */
  readonly isReused: boolean
}

export interface Attempt extends Seen {
  /** Kind of request and way that it took, for people. */
  readonly kind: string
  readonly service: string
  /** Unique; '' of a connection without a request. */
  readonly path: string
  readonly isRepeatable: boolean
  /** Monotonic ms. */
  readonly startedAtMs: number
  readonly endedAtMs: number
}

interface Count {
  whole: number
  left: number
  failed: number
}

/** Every attempt of a run: counted, and kept where it failed. */
export class Attempts {
  readonly failed: Attempt[] = []
  readonly counts = new Map<string, Count>()
  /** When each whole answer was there, monotonic ms, by path. */
  readonly wholeAtMs = new Map<string, number>()
  total = 0
  private lastId = 0

  nextId(): number {
    this.lastId += 1
    return this.lastId
  }

  note(attempt: Attempt): void {
    this.total += 1
    const name = `${attempt.kind} · ${attempt.service}`
    const count = this.counts.get(name) ?? { whole: 0, left: 0, failed: 0 }
    this.counts.set(name, count)
    const { how } = attempt.ending
    if (how === 'whole' || how === 'ended') {
      count.whole += 1
      if (how === 'whole') this.wholeAtMs.set(attempt.path, attempt.endedAtMs)
    } else if (how === 'left') count.left += 1
    else {
      count.failed += 1
      this.failed.push(attempt)
    }
  }
}
