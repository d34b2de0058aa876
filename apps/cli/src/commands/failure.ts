import { isSkykeepError } from '@skykeep/core/errors'
import { errorOf } from '../client/api.ts'

/** Exit codes of the command line, as its help documents them. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  noPlane: 3,
  notFound: 4,
  interrupted: 130,
} as const

/** Says what went wrong, what to do next, and gives the exit code for it. */
export function explain(error: unknown): { readonly lines: readonly string[]; readonly exitCode: number } {
  const known = errorOf(error)
  if (!isSkykeepError(known)) {
    const text = known instanceof Error ? known.message : String(known)
    return { lines: [`error: ${text}`], exitCode: exitCodes.failed }
  }
  const lines = [`error: ${known.userMessage}`]
  if (known.hint !== undefined) lines.push(`       ${known.hint}`)
  return { lines, exitCode: exitCodeOf(known.code) }
}

function exitCodeOf(code: string): number {
  if (code === 'INVALID_INPUT' || code === 'UNSUPPORTED') return exitCodes.usage
  if (code === 'UNAVAILABLE' || code === 'STANDING_BY') return exitCodes.noPlane
  return code === 'NOT_FOUND' ? exitCodes.notFound : exitCodes.failed
}
