import { Option, type Command } from 'commander'
import { updateModes } from '@skykeep/core/service-spec'
import { checkFile } from '../client/service-file.ts'
import { openChangeSession, openReadSession } from '../client/session.ts'
import { servePause, serveResume, type AskOptions } from '../commands/serve-pause.ts'
import { serveHistory } from '../commands/serve-history.ts'
import { serveRollback, type ServeRollbackOptions } from '../commands/serve-rollback.ts'
import { scheduleWish, serveSchedule, type ServeScheduleOptions } from '../commands/serve-schedule.ts'
import { serveUpdate, type ServeUpdateOptions } from '../commands/serve-update.ts'
import type { CliEnv } from '../env.ts'
import type { Json, Report } from './group.ts'
import { collect, percents, positive, seconds, twoVersions, within } from './parse.ts'

/** What changes a service that lives: update, rollback, history, pause, resume, schedule. */
export function addServeChange(serve: Command, env: CliEnv, report: Report): void {
  addUpdate(serve, env, report)
  withRollout(
    serve
      .command('rollback')
      .description('an older version again, with its own files and secrets')
      .argument('<name>')
      .option('--to <version>', 'which one; else the newest earlier one that was once stable', positive),
  )
    .addHelpText('after', '\nExample: skykeep serve rollback hello --to 1')
    .action(async (name: string, options: ServeRollbackOptions) =>
      report(await serveRollback(await openChangeSession(env), name, options)),
    )
  serve
    .command('history')
    .description('versions and rollouts, or what is different between two versions')
    .argument('<name>')
    .option('--diff <versions...>', 'two versions to compare')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExample: skykeep serve history hello --diff 1 2')
    .action(async (name: string, { diff, ...options }: Json & { readonly diff?: readonly string[] }) => {
      const pair = diff === undefined ? {} : { diff: twoVersions(diff) }
      report(await serveHistory(await openReadSession(env), name, { ...options, ...pair }))
    })
  addPauses(serve, env, report)
}

function addUpdate(serve: Command, env: CliEnv, report: Report): void {
  withRollout(
    serve
      .command('update')
      .description('show what is different in a YAML, and roll it out')
      .argument('<name>')
      .argument('<file>', 'service YAML')
      .option('--diff-only', 'only show what is different')
      .option('-y, --yes', 'do not ask')
      .option('--env <name=value>', 'variable for setup and run; a bare NAME takes your own value', collect)
      .option('--env-file <file>', 'file of variables')
      .option('--secret <name=value>', 'secret for setup and run, encrypted at rest', collect),
  )
    .addHelpText('after', '\nExample: skykeep serve update hello service.yaml --mode canary')
    .action(async (name: string, file: string, options: ServeUpdateOptions) => {
      const checked = checkFile(env, file, { ...options, name })
      report(await serveUpdate(await openChangeSession(env), { name, file: checked }, options))
    })
}

function withRollout(verb: Command): Command {
  return verb
    .addOption(new Option('--mode <mode>', 'how the version takes over').choices([...updateModes]))
    .option('--canary-steps <percents>', 'shares of the requests, rising: 10,50', percents)
    .option('--bake <seconds>', 'how long each step of a canary lasts', seconds)
    .option('--max-surge <count>', 'replicas above the target meanwhile', within(1, 100))
    .option('--min-ready <seconds>', 'a new replica counts once it was ready for so long', seconds)
    .option('--deadline <seconds>', 'without progress for so long it is rolled back', seconds)
    .option('--no-rollback', 'leave it where it is when it fails')
    .option('--async', 'return as soon as the request is on disk')
    .option('--json', 'print the answer as JSON')
}

function addPauses(serve: Command, env: CliEnv, report: Report): void {
  const asked = (verb: Command): Command =>
    verb
      .option('--async', 'return as soon as the request is on disk')
      .option('--json', 'print the answer as JSON')
  asked(
    serve
      .command('pause')
      .description('end every replica; the endpoint stays and says so')
      .argument('<name>'),
  ).action(async (name: string, options: AskOptions) =>
    report(await servePause(await openChangeSession(env), name, options)),
  )
  asked(
    serve.command('resume').description('end a pause and wait until it answers').argument('<name>'),
  ).action(async (name: string, options: AskOptions) =>
    report(await serveResume(await openChangeSession(env), name, options)),
  )
  asked(
    serve
      .command('schedule')
      .description('off-hours: set them, or show them with what comes next')
      .argument('<name>')
      .option('--off <window>', 'such as "mon-fri 20:00-07:00"; may be given several times', collect)
      .option('--time-zone <zone>', "whose clock is read; this machine's unless said")
      .option('--replicas <count>', 'replicas during off-hours (0)', within(0, 100))
      .option('--warm-up <minutes>', 'start replicas so long before the end (10)', within(0, 120))
      .option('--clear', 'no off-hours at all')
      .option('--from-yaml', 'those of the YAML again'),
  )
    .addHelpText(
      'after',
      '\nExample: skykeep serve schedule hello --off "mon-fri 20:00-07:00" --time-zone Europe/Berlin',
    )
    .action(async (name: string, options: ServeScheduleOptions) => {
      const wish = scheduleWish(options)
      const session = wish === undefined ? await openReadSession(env) : await openChangeSession(env)
      report(await serveSchedule(session, { name, wish }, options))
    })
}
