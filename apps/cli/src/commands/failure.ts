import { isSkykeepError } from '@skykeep/core/errors'
import { errorOf } from '../client/api.ts'
import { Interrupted } from '../client/interrupted.ts'
import type { CliEnv } from '../env.ts'
import { unknownErrorText } from './unknown-error.ts'

/** Exit codes of the command line. Those from 100 are SkyPilot's (`JobExitCode`): what became of work that is waited for or looked at. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  noPlane: 3,
  notFound: 4,
  notAllowed: 5,
  jobFailed: 100,
  jobNotFinished: 101,
  jobNotFound: 102,
  jobCancelled: 103,
  interrupted: 130,
} as const

/** What each exit code tells a script. */
export const exitCodeMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  ok: 'Done. For a verb that waits: what was asked for has happened.',
  failed: 'What was asked for went wrong in the end, or was refused in the state that things are in.',
  usage:
    'The command line, a YAML or config.yaml cannot be understood, or asks for what is not there. Nothing was changed.',
  noPlane:
    'No control plane answers: none runs on this path, it is starting, it stands by, or it did not come back in time while a verb waited.',
  notFound: 'There is no service, replica, version or operation of that name.',
  notAllowed: 'You are not signed in, or may not do this.',
  jobFailed: 'Work that was waited for failed: its code, its setup, or Skykeep on its way.',
  jobNotFinished: 'The work is not finished yet, and it was not waited for.',
  jobNotFound: 'There is no such job.',
  jobCancelled: 'The work was cancelled.',
  interrupted: 'Ended by Ctrl-C. What was asked for goes on, unless it is said otherwise.',
}

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
export function explain(
  error: unknown,
  env: CliEnv,
): { readonly lines: readonly string[]; readonly exitCode: number } {
  if (error instanceof Interrupted) return { lines: [error.message], exitCode: exitCodes.interrupted }
  const known = errorOf(error)
  if (!isSkykeepError(known)) {
    const { message, hint } = known instanceof AskedFailed ? known : unknownErrorText(known, env)
    return { lines: shown(message, hint), exitCode: exitCodes.failed }
  }
  // Of a folder that may not be used as it is the person is told here, not by the plane.
  const isRefused = known.code === 'UNAUTHENTICATED' || (known.code === 'FORBIDDEN' && known !== error)
  return {
    lines: shown(known.userMessage, known.hint),
    exitCode: isRefused ? exitCodes.notAllowed : exitCodeOf(known.code),
  }
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
