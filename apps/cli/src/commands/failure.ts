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

/** What was asked for went wrong in the end; the plane itself is well. Exit code 1. */
export class AskedFailed extends Error {
  override readonly name = 'AskedFailed'
  readonly hint: string

  constructor(message: string, hint: string) {
    super(message)
    this.hint = hint
  }
}

/** Says what went wrong, what to do next, and gives the exit code for it. */
export function explain(error: unknown): { readonly lines: readonly string[]; readonly exitCode: number } {
  const known = errorOf(error)
  if (!isSkykeepError(known)) {
    const text = known instanceof Error ? known.message : String(known)
    return {
      lines: shown(text, known instanceof AskedFailed ? known.hint : undefined),
      exitCode: exitCodes.failed,
    }
  }
  return { lines: shown(known.userMessage, known.hint), exitCode: exitCodeOf(known.code) }
}

function shown(message: string, hint: string | undefined): readonly string[] {
  return [`error: ${message}`, ...(hint === undefined ? [] : [`       ${asTyped(hint)}`])]
}

/** Hints name `skykeep`; from the clone it is typed with npx. */
export function asTyped(text: string): string {
  return text.replaceAll('`skykeep ', '`npx skykeep ')
}

function exitCodeOf(code: string): number {
  if (code === 'INVALID_INPUT' || code === 'UNSUPPORTED') return exitCodes.usage
  if (code === 'UNAVAILABLE' || code === 'STANDING_BY') return exitCodes.noPlane
  return code === 'NOT_FOUND' ? exitCodes.notFound : exitCodes.failed
}
