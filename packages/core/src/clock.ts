/** Time as a parameter: nothing below an app reads a clock of its own. */
export interface Clock {
  /** Wall-clock time in milliseconds since the Unix epoch; may jump either way. For display and records only. */
  now(): number
  /** Monotonic milliseconds since an arbitrary start; never goes back. Every decision about elapsed time uses it. */
  monotonicMs(): number
}
