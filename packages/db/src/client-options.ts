import type { Clock } from '@skykeep/core/clock'

/** What both kinds of clients are made with. */
export interface ClientOptions {
  readonly url: string
  readonly clock: Clock
  /** Longest wait for the right to write, milliseconds. */
  readonly lockWaitMs: number
  /** Longest that a transaction may stay open once it has begun, milliseconds. */
  readonly transactionMs: number
}

export type ClientRole = 'reader' | 'writer'
