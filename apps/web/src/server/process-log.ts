import { isSkykeepError } from '@skykeep/core/errors'

/** One line of JSON on standard output, which the supervisor keeps as `logs/processes/web.log`. Never a secret. */
export function logLine(level: 'info' | 'warn' | 'error', message: string, error?: unknown): void {
  const cause = error === undefined ? {} : { error: describe(error) }
  process.stdout.write(`${JSON.stringify({ at: new Date().toISOString(), level, message, ...cause })}\n`)
}

function describe(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error)
  const code = isSkykeepError(error) ? { code: error.code } : {}
  const cause = error.cause === undefined ? {} : { cause: String(error.cause) }
  return { ...code, message: error.message, ...cause, stack: error.stack }
}
