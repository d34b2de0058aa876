import { writeSync } from 'node:fs'
import pino, { type Logger } from 'pino'

export type Log = Logger

export interface LogOptions {
  /** Fields of every line, such as the process's name. */
  readonly base: Readonly<Record<string, unknown>>
  readonly level?: 'debug' | 'info' | 'warn' | 'error'
}

/** One JSON line for each event on standard error, written at once. A log that cannot be written is no reason to stop. */
export function createLog({ base, level = 'info' }: LogOptions): Log {
  const settings = {
    base,
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  return pino(settings, { write: writeLine })
}

function writeLine(line: string): void {
  try {
    writeSync(2, line)
  } catch {
    // A full disk or a closed pipe: the line is lost, the process is not.
  }
}
