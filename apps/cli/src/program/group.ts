import type { CliEnv } from '../env.ts'
import type { Verb } from './verb.ts'

/** Tells the exit code of the verb that ran. */
export type Report = (exitCode: number) => void

/** Adds one group of verbs to the program. */
export type AddVerbs = (program: Verb, env: CliEnv, report: Report) => void

/** The option that every verb with an answer has. */
export interface Json {
  readonly json?: boolean
}

/** The option that every verb that reads has. */
export interface Watch extends Json {
  readonly watch?: boolean
}

/** Headings of the top-level help, in its order. */
export const verbGroups = {
  plane: 'Start and stop',
  services: 'Services',
  reads: 'What runs and what happened',
  state: 'The persistent path and its backups',
  help: 'Help',
} as const
