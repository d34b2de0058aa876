import { Command } from 'commander'
import type { CliEnv } from './env.ts'
import { programVersion } from './plane/program-version.ts'
import type { AddVerbs, Report } from './program/group.ts'
import { addDrill } from './program/drill.ts'
import { addPlane } from './program/plane.ts'
import { addReads } from './program/reads.ts'
import { addServe } from './program/serve.ts'
import { addState } from './program/state.ts'

/** The groups of verbs, in the order of the help. */
const groups: readonly AddVerbs[] = [addPlane, addServe, addDrill, addReads, addState]

const exitCodeHelp = `
Exit codes: 0 done, 1 failed, 2 bad input, 3 no control plane, 4 not found, 130 interrupted (what was asked goes on).`

/** Every verb with its help. `report` is given the exit code of the verb that ran. */
export function buildProgram(env: CliEnv, report: Report): Command {
  const program = new Command('skykeep')
    .description('One YAML in, a service that survives out.')
    .showHelpAfterError('(add --help for what is possible)')
    .addHelpText('after', exitCodeHelp)
    .version(programVersion, '-V, --version', 'print the version')
    .exitOverride()
  for (const add of groups) add(program, env, report)
  return program
}
