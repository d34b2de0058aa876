import type { CliEnv } from './env.ts'
import { painter } from './output/paint.ts'
import { programVersion } from './plane/program-version.ts'
import { addCompletion } from './program/completion.ts'
import { addDrill } from './program/drill.ts'
import type { AddVerbs, Report } from './program/group.ts'
import { addHelp } from './program/help.ts'
import { addKey } from './program/key.ts'
import { addPlane } from './program/plane.ts'
import { addReads } from './program/reads.ts'
import { addServe } from './program/serve.ts'
import { addState } from './program/state.ts'
import { addToken } from './program/token.ts'
import { topLevelHelp } from './program/top-level-help.ts'
import { usageError } from './program/usage-error.ts'
import { Verb } from './program/verb.ts'

/** The groups of verbs, in the order of the help. */
const groups: readonly AddVerbs[] = [
  addPlane,
  addToken,
  addServe,
  addKey,
  addDrill,
  addReads,
  addState,
  addHelp,
  addCompletion,
]

/** Every verb with its help. `report` is given the exit code of the verb that ran. */
export function buildProgram(env: CliEnv, report: Report): Verb {
  const program = new Verb('skykeep')
  const paint = painter(env.hasColours)
  program
    .description('One YAML in, a service that survives out.')
    .version(programVersion, '-V, --version', 'print the version')
    .option('--no-color', 'no colours, also not on a terminal; as NO_COLOR does')
    .helpOption('-h, --help', 'what a verb does, its options, and examples')
    .exitOverride()
    .showSuggestionAfterError(false)
    .configureOutput({
      getOutHelpWidth: () => Math.min(env.columns, 120),
      getErrHelpWidth: () => Math.min(env.columns, 120),
      getOutHasColors: () => env.hasColours,
      outputError: (text, write) => write(usageError(program, text)),
    })
    .configureHelp({
      styleTitle: (title) => paint('bold', title),
      subcommandTerm: (command) => {
        const words = command instanceof Verb ? command.path : command.name()
        const values = command.registeredArguments.map((argument) => {
          const name = `${argument.name()}${argument.variadic ? '...' : ''}`
          return argument.required ? `<${name}>` : `[${name}]`
        })
        return [words, ...values].join(' ')
      },
    })
  for (const add of groups) add(program, env, report)
  const help = program.createHelp()
  program.configureHelp({
    ...program.configureHelp(),
    formatHelp: (command, given) =>
      command === program ? topLevelHelp(program, help, env.columns) : help.formatHelp(command, given),
  })
  return program
}
