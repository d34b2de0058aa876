import type { LogTimes } from './log-times.ts'

export interface LogChunk {
  /** Global offset of the first byte; later than asked when older bytes were dropped by a cap. */
  readonly offset: number
  readonly bytes: Uint8Array
  readonly nextOffset: number
  /** The oldest offset that is still kept. */
  readonly firstOffset: number
  /** True when nothing will follow `nextOffset`. */
  readonly isEnded: boolean
}

export interface LogRange {
  readonly offset: number
  /** At most this many bytes, 1 … 1 MiB. */
  readonly limitBytes: number
}

export interface FollowRequest {
  readonly offset: number
  /** Ends the iteration without an error. */
  readonly signal: AbortSignal
}

/**
 * A log that can be read by global offset, wherever it lives. A log that does not exist (yet) is empty. A range that begins beyond the end
 * gives an empty chunk whose `nextOffset` is the end.
 */
export interface LogSource {
  read(range: LogRange): Promise<LogChunk>
  /** Yields what is there, then what comes, until the log has ended or the signal is aborted. Never an empty chunk. */
  follow(request: FollowRequest): AsyncIterable<LogChunk>
  /** When its output came; null where that was not noted. */
  times(): Promise<LogTimes | null>
}
