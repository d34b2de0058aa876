import { Argument } from 'commander'
import { bashCompletion } from '../completion/bash.ts'
import { completionTable } from '../completion/completion-table.ts'
import { fishCompletion } from '../completion/fish.ts'
import { printLivingValues } from '../completion/living-values.ts'
import { zshCompletion } from '../completion/zsh.ts'
import { verbGroups, type AddVerbs } from './group.ts'

const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const

/** `skykeep completion SHELL`, and what its scripts ask while a person types. */
export const addCompletion: AddVerbs = (program, env) => {
  program
    .command('completion')
    .helpGroup(verbGroups.help)
    .description('completion of verbs, options, services and more for your shell')
    .addArgument(new Argument('<shell>', 'whose completion').choices(Object.keys(scripts)))
    .detail(
      'It completes a command named `skykeep`: put a link to apps/cli/bin/skykeep.js of the clone into a folder of your PATH. Names of services, versions, replicas and operations come from the control plane that runs; where none does, nothing is completed and nothing is said.',
    )
    .example('eval "$(skykeep completion bash)"', 'in ~/.bashrc')
    .example('eval "$(skykeep completion zsh)"', 'in ~/.zshrc, after compinit')
    .example('skykeep completion fish | source', 'in ~/.config/fish/config.fish')
    .action((shell: keyof typeof scripts) => {
      process.stdout.write(scripts[shell](completionTable(program)))
    })
  program
    .command('__complete', { hidden: true })
    .argument('<kind>', 'of the values')
    .argument('[of]', 'the service that they belong to', '')
    .action(async (kind: string, service: string) => await printLivingValues(env, kind, service))
}
