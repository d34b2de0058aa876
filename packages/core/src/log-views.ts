import type { ProcessLineView } from './views.ts'

export interface LogLineView {
  readonly replicaId: number
  readonly text: string
  /** When it had come at the latest; null where the log does not tell. */
  readonly atMs: number | null
  /** Global offset after it. */
  readonly nextOffset: number
}

export interface LogLinesView {
  /** In the order of their times. */
  readonly lines: readonly LogLineView[]
  /** Pass it back to read on. */
  readonly cursor: string
  /** False: everything that is there now was looked at. */
  readonly hasMore: boolean
  /** Replicas that were left out: a time was asked for, and their logs tell none. */
  readonly untimed: readonly number[]
}

/** What one of our own processes wrote about a service. */
export interface ProcessLinesView {
  /** In the order of their times. */
  readonly lines: readonly ProcessLineView[]
  /** Where a stream that was lost goes on. */
  readonly cursor: string
}
