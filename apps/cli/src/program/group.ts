import type { Command } from 'commander'
import type { CliEnv } from '../env.ts'

/** Tells the exit code of the verb that ran. */
export type Report = (exitCode: number) => void

/** Adds one group of verbs to the program. */
export type AddVerbs = (program: Command, env: CliEnv, report: Report) => void

/** The option that every verb with an answer has. */
export interface Json {
  readonly json?: boolean
}
