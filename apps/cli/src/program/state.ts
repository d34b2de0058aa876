import { stateDoctor, stateWhere } from '../commands/state.ts'
import type { AddVerbs, Json } from './group.ts'

/** The persistent path, whether or not anything runs. */
export const addState: AddVerbs = (program, env, report) => {
  const state = program.command('state').description('the persistent path, whether or not anything runs')
  state
    .command('where')
    .description('where everything is')
    .option('--json', 'print as JSON')
    .action((options: Json) => report(stateWhere(env, options)))
  state
    .command('doctor')
    .description('examine the path: owner, modes, file system, space, locking, schema, keys')
    .option('--fix', 'mend owners and modes')
    .option('--json', 'print as JSON')
    .action(async (options: Json & { readonly fix?: boolean }) => report(await stateDoctor(env, options)))
}
