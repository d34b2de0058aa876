import { homedir } from 'node:os'
import { wantsColours } from './output/paint.ts'

/** What the command line reads of its environment, once. */
export interface CliEnv {
  readonly all: Readonly<Record<string, string | undefined>>
  readonly home: string
  readonly cwd: string
  /** Folder of the build that this command line came from. */
  readonly build: string | undefined
  readonly hasColours: boolean
  /** Cells of a line: of the terminal now, or without a bound where the output is no terminal. */
  readonly columns: number
  /** Results are read by a person as they come. */
  readonly isTerminal: boolean
  /** A person can be asked: input and messages are a terminal. */
  readonly isInteractive: boolean
}

/** The environment, and of the arguments what has to be known before they are understood. */
export function readEnv(args: readonly string[]): CliEnv {
  const all = process.env
  const isTerminal = process.stdout.isTTY === true
  return {
    all,
    home: all['HOME'] ?? homedir(),
    cwd: process.cwd(),
    build: all['SKYKEEP_BUILD'],
    hasColours: wantsColours(all, args, isTerminal),
    get columns() {
      return isTerminal ? process.stdout.columns : Number.MAX_SAFE_INTEGER
    },
    isTerminal,
    isInteractive: process.stdin.isTTY === true && process.stderr.isTTY === true,
  }
}
