import type { NewEvent } from './new-event.ts'

/** Told of what a process does to its database; must not throw. */
export interface DatabaseObserver {
  /** A write transaction ended. `waitMs`: until it might write, in its last try. */
  onTransaction(ended: {
    readonly isCommitted: boolean
    readonly attempts: number
    readonly waitMs: number
    readonly tookMs: number
  }): void
  /** An event of this process was committed. */
  onEvent(event: NewEvent): void
}
