/** One line of `skykeep state doctor`. */
export interface Check {
  readonly name: string
  readonly status: 'ok' | 'warn' | 'fail'
  /** What was found, one sentence. */
  readonly detail: string
  /** What to do, or a command; only where something is to be done. */
  readonly fix?: string
}

/** The worst status of all; `ok` for none. */
export function worstOf(checks: readonly Check[]): Check['status'] {
  if (checks.some((check) => check.status === 'fail')) return 'fail'
  return checks.some((check) => check.status === 'warn') ? 'warn' : 'ok'
}

/** A check that could not be made counts as failed, with the reason. */
export function failedCheck(name: string, error: unknown, fix: string): Check {
  const detail = error instanceof Error ? error.message : String(error)
  return { name, status: 'fail', detail, fix }
}
