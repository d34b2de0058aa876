import { Option } from 'commander'
import { updateModes } from '@skykeep/core/service-spec'
import { checkFile } from '../client/service-file.ts'
import { openChangeSession, openReadSession } from '../client/session.ts'
import { serveHistory, type ServeHistoryOptions } from '../commands/serve-history.ts'
import { serveRollback, type ServeRollbackOptions } from '../commands/serve-rollback.ts'
import { holdWish, serveRollout, type ServeRolloutOptions } from '../commands/serve-rollout.ts'
import { serveUpdate, type ServeUpdateOptions } from '../commands/serve-update.ts'
import type { CliEnv } from '../env.ts'
import type { Report, Watch } from './group.ts'
import { percents, positive, seconds, twoVersions, within } from './parse.ts'
import { addAsync, addTaskOptions } from './task-options.ts'
import type { Verb } from './verb.ts'

const rolloutFields = ['operationUid', 'name', 'fromVersion', 'toVersion', 'keepsReplicas', 'mode', 'note']

/** What makes versions of a service: update, rollback, rollout, history. */
export function addServeUpdates(serve: Verb, env: CliEnv, report: Report): void {
  addUpdate(serve, env, report)
  addAsync(
    addRolloutOptions(
      serve
        .command('rollback')
        .description('an older version again, with its own files and secrets')
        .argument('<service>', 'its name')
        .option(
          '--to <version>',
          'which version (default: the newest earlier one that was once stable)',
          positive,
        ),
    ),
  )
    .answersJson('object', rolloutFields)
    .detail('Ctrl-C ends only the waiting: the rollout goes on.')
    .example('skykeep serve rollback hello', 'the last version that was known to be good')
    .example('skykeep serve rollback hello --to 1', 'version 1')
    .action(async (name: string, options: ServeRollbackOptions) =>
      report(await serveRollback(await openChangeSession(env), name, options)),
    )
  addRollout(serve, env, report)
  addHistory(serve, env, report)
}

function addUpdate(serve: Verb, env: CliEnv, report: Report): void {
  addAsync(
    addRolloutOptions(
      addTaskOptions(
        serve
          .command('update')
          .description('show what is different in a YAML, and roll it out')
          .argument('<service>', 'its name')
          .argument('<file>', 'service YAML')
          .option('--diff-only', 'only show what is different')
          .option('-y, --yes', 'do not ask'),
      ),
    ),
  )
    .answersJson('object', rolloutFields)
    .answersElse('with --diff-only', 'object', [
      'fromVersion',
      'isDifferent',
      'keepsReplicas',
      'changes',
      'yaml',
      'mode',
      'keptReplicas',
      'replacedReplicas',
      'warnings',
    ])
    .detail(
      'It asks before it changes anything where a person can answer. Ctrl-C ends only the waiting: the rollout goes on.',
    )
    .example(
      'skykeep serve update hello service.yaml --diff-only',
      'what would change, and which replicas it costs',
    )
    .example('skykeep serve update hello service.yaml', 'rolls it out, and back by itself when it fails')
    .example(
      'skykeep serve update hello service.yaml --mode canary --canary-steps 10,50 --bake 300',
      'a tenth of the requests first, then half, five minutes each',
    )
    .action(async (name: string, file: string, options: ServeUpdateOptions) => {
      const checked = checkFile(env, file, { ...options, name })
      report(await serveUpdate(await openChangeSession(env), { name, file: checked }, options))
    })
}

/** How a version takes over; what is not said is the YAML's (`service.update_policy`), else the usual. */
function addRolloutOptions(verb: Verb): Verb {
  return verb
    .addOption(
      new Option('--mode <mode>', "how the version takes over (default: the YAML's, else rolling)").choices([
        ...updateModes,
      ]),
    )
    .option('--canary-steps <percents>', 'shares of the requests, rising: 10,50', percents)
    .option('--bake <seconds>', 'how long each step of a canary lasts', seconds)
    .option('--max-surge <count>', 'replicas above the target meanwhile, 1 to 100', within(1, 100))
    .option('--min-ready <seconds>', 'a new replica counts once it was ready for so long', seconds)
    .option('--deadline <seconds>', 'without progress for so long it is rolled back', seconds)
    .option('--no-rollback', 'leave it where it is when it fails')
}

function addRollout(serve: Verb, env: CliEnv, report: Report): void {
  serve
    .command('rollout')
    .description('where the latest rollout is; hold it there, or let it go on')
    .argument('<service>', 'its name')
    .option('--hold', 'keep it where it is: no further step is taken, and nothing is rolled back')
    .option('--continue', 'let it go on')
    .addOption(new Option('--pause', "kubectl's word for --hold").hideHelp())
    .addOption(new Option('--resume', "kubectl's word for --continue").hideHelp())
    .watches()
    .answersJson('object', ['uid', 'status', 'mode', 'fromVersion', 'toVersion', 'isPaused', 'step'])
    .detail(
      'Of a service that had no rollout yet the JSON is null. `serve pause` is something else: it ends the replicas.',
    )
    .example('skykeep serve rollout hello --watch', 'how far it is, and what its gate has measured')
    .example('skykeep serve rollout hello --hold', 'a canary stays at its share of the requests')
    .example('skykeep serve rollout hello --continue', 'the next step')
    .action(async (name: string, options: ServeRolloutOptions) => {
      const isHeld = holdWish(options)
      const session = isHeld === undefined ? await openReadSession(env) : await openChangeSession(env)
      report(await serveRollout(session, { name, isHeld }, options))
    })
}

function addHistory(serve: Verb, env: CliEnv, report: Report): void {
  serve
    .command('history')
    .description('versions and rollouts, or what is different between two versions')
    .argument('<service>', 'its name')
    .option('--diff <versions...>', 'two versions to compare')
    .watches()
    .answersJson('object', [
      'name',
      'versions',
      'rollouts',
      'desiredVersion',
      'targetVersion',
      'stableVersion',
    ])
    .answersElse('with --diff', 'object', [
      'fromVersion',
      'toVersion',
      'isDifferent',
      'keepsReplicas',
      'changes',
      'yaml',
    ])
    .example('skykeep serve history hello', 'every version with what became of it')
    .example('skykeep serve history hello --diff 1 2', 'what version 2 changed')
    .action(async (name: string, { diff, ...options }: Watch & { readonly diff?: readonly string[] }) => {
      const pair: Pick<ServeHistoryOptions, 'diff'> = diff === undefined ? {} : { diff: twoVersions(diff) }
      report(await serveHistory(await openReadSession(env), name, { ...options, ...pair }))
    })
}
