/** A test that failed, and the first line of why. */
export interface Failure {
  readonly name: string
  readonly reason: string
}

/** What ran, in the words of the last line, and by name what did not pass at once. */
export interface Totals {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** What failed: named again at the very end, where a log that was cut still has it. */
  readonly failures?: readonly Failure[]
  /** What failed in its tier and passed when its file was run again alone. It counts as passed, and is never silent. */
  readonly unsteady?: readonly Failure[]
}

export const nothing: Totals = { passed: 0, failed: 0, skipped: 0 }

export function add(a: Totals, b: Totals): Totals {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    failures: [...(a.failures ?? []), ...(b.failures ?? [])],
    unsteady: [...(a.unsteady ?? []), ...(b.unsteady ?? [])],
  }
}

/** What ends `npm test`: what failed and what was unsteady by name, then the one line of counts. */
export function lastLines({ passed, failed, skipped, failures = [], unsteady = [] }: Totals): string {
  return [
    ...unsteady.map(({ name, reason }) => `passed only when run again: ${name} (${reason})`),
    ...failures.map(({ name, reason }) => `failed: ${name} (${reason})`),
    `${passed} passed, ${failed} failed, ${skipped} skipped`,
  ].join('\n')
}
