import { writeSync } from 'node:fs'
import pino, { type Logger } from 'pino'
import { readable } from './readable.ts'
import { redacted } from './redact.ts'
import { scopeFields } from './scope.ts'

export type Log = Logger

export interface LogOptions {
  /** Fields of every line, such as the process's name. */
  readonly base: Readonly<Record<string, unknown>>
  readonly level?: 'debug' | 'info' | 'warn' | 'error'
  /** True: lines for a person at a terminal instead of JSON. */
  readonly isReadable?: boolean
  /** Where lines go; standard error unless told. */
  readonly descriptor?: 1 | 2
}

/**
 * One JSON line for each event, written at once, with the fields of the scope it was logged in and without secrets. A log that cannot
 * be written is no reason to stop.
 */
export function createLog({ base, level = 'info', isReadable = false, descriptor = 2 }: LogOptions): Log {
  const settings = {
    base,
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    mixin: () => ({ ...scopeFields() }),
  }
  const write = (line: string): void => {
    const text = redacted(line)
    writeLine(descriptor, isReadable ? readable(text) : text)
  }
  return pino(settings, { write })
}

function writeLine(descriptor: 1 | 2, line: string): void {
  try {
    writeSync(descriptor, line)
  } catch {
    // A full disk or a closed pipe: the line is lost, the process is not.
  }
}
