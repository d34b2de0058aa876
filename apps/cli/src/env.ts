import { homedir } from 'node:os'

/** What the command line reads of its environment, once. */
export interface CliEnv {
  readonly all: Readonly<Record<string, string | undefined>>
  readonly home: string
  readonly cwd: string
  /** Folder of the build that this command line came from. */
  readonly build: string | undefined
  readonly hasColours: boolean
  readonly columns: number
  /** A person can be asked: input and messages are a terminal. */
  readonly isInteractive: boolean
}

export function readEnv(): CliEnv {
  const all = process.env
  const isTerminal = process.stdout.isTTY === true
  return {
    all,
    home: all['HOME'] ?? homedir(),
    cwd: process.cwd(),
    build: all['SKYKEEP_BUILD'],
    hasColours: isTerminal && all['NO_COLOR'] === undefined && all['TERM'] !== 'dumb',
    columns: isTerminal ? process.stdout.columns : 200,
    isInteractive: process.stdin.isTTY === true && process.stderr.isTTY === true,
  }
}
