import { appendFileSync, existsSync } from 'node:fs'
import { describeStorageFault, storageFaultOf } from '@skykeep/persistent-path/storage-fault'
import { findPlace } from '../client/plane.ts'
import type { CliEnv } from '../env.ts'
import { boundProcessLog } from '../supervisor/process-log.ts'

/** What a person is told of an error that is none of ours. */
export interface UnknownErrorText {
  readonly message: string
  readonly hint: string
}

/**
 * The words for an error that Skykeep did not throw: those of a fault of the disk, or of a file that may not be used; else neither its text
 * nor its stack, which go into a log of the persistent path, or with SKYKEEP_DEBUG to the person.
 */
export function unknownErrorText(error: unknown, env: CliEnv): UnknownErrorText {
  const fault = storageFaultOf(error)
  const what = fileOf(error)
  if (fault !== undefined)
    return {
      message: `${what}${describeStorageFault(fault)} (${fault})`,
      hint: 'Free space, or make it writable, and run the same command again.',
    }
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if ((code === 'EACCES' || code === 'EPERM') && what !== '')
    return {
      message: `${what}you may not read or write it (${code})`,
      hint: 'Correct its owner or mode, or name another one.',
    }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  if (env.all['SKYKEEP_DEBUG']) return { message: inside, hint: stack }
  const log = keep(stack, env)
  return {
    message: inside,
    hint:
      log === undefined
        ? 'Run it again with SKYKEEP_DEBUG=1 to see what happened.'
        : `What happened stands at the end of ${log}.`,
  }
}

const inside = 'something went wrong inside Skykeep'

/** `PATH: `, where the error names one. */
function fileOf(error: unknown): string {
  return error instanceof Error && 'path' in error && typeof error.path === 'string' ? `${error.path}: ` : ''
}

/** Writes it into the log of the command line; undefined where there is no path yet, or it takes nothing. Arguments stay out: they may be secrets. */
function keep(stack: string, env: CliEnv): string | undefined {
  try {
    const { layout } = findPlace(env)
    if (!existsSync(layout.processLogsDir)) return undefined
    const log = layout.processLog('cli')
    boundProcessLog(log)
    appendFileSync(log, `${new Date().toISOString()} ${stack}\n`, { mode: 0o600 })
    return log
  } catch {
    return undefined
  }
}
