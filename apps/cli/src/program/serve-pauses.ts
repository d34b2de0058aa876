import { openChangeSession, openReadSession } from '../client/session.ts'
import { servePause, serveResume, type AskOptions } from '../commands/serve-pause.ts'
import { scheduleWish, serveSchedule, type ServeScheduleOptions } from '../commands/serve-schedule.ts'
import type { CliEnv } from '../env.ts'
import type { Report } from './group.ts'
import { collect, within } from './parse.ts'
import { addAsync } from './task-options.ts'
import type { Verb } from './verb.ts'

const askedFields = ['operationUid', 'name']

/** When a service runs: pause, resume, schedule. */
export function addServePauses(serve: Verb, env: CliEnv, report: Report): void {
  addAsync(
    serve
      .command('pause')
      .description('end every replica; the endpoint stays and says so')
      .argument('<service>', 'its name'),
  )
    .answersJson('object', askedFields)
    .example('skykeep serve pause hello', 'no replica runs or costs anything until `serve resume`')
    .action(async (name: string, options: AskOptions) =>
      report(await servePause(await openChangeSession(env), name, options)),
    )
  addAsync(
    serve
      .command('resume')
      .description('end a pause and wait until it answers')
      .argument('<service>', 'its name'),
  )
    .answersJson('object', askedFields)
    .example('skykeep serve resume hello', 'replicas start again behind the same address')
    .action(async (name: string, options: AskOptions) =>
      report(await serveResume(await openChangeSession(env), name, options)),
    )
  addSchedule(serve, env, report)
}

function addSchedule(serve: Verb, env: CliEnv, report: Report): void {
  addAsync(
    serve
      .command('schedule')
      .description('off-hours: set them, or show them with what comes next')
      .argument('<service>', 'its name')
      .option('--off <window>', 'such as "mon-fri 20:00-07:00"; may be given several times', collect)
      .option('--time-zone <zone>', "whose clock is read (default: this machine's)")
      .option('--replicas <count>', 'replicas during off-hours, 0 to 100 (default: 0)', within(0, 100))
      .option(
        '--warm-up <minutes>',
        'start replicas so long before the end, 0 to 120 (default: 10)',
        within(0, 120),
      )
      .option('--clear', 'no off-hours at all')
      .option('--from-yaml', 'those of the YAML again'),
  )
    .watches()
    .answersJson('object', askedFields)
    .answersElse('without an option that changes something', 'object', ['name', 'isPaused', 'schedule'])
    .example('skykeep serve schedule hello', 'what holds now, and what comes next')
    .example(
      'skykeep serve schedule hello --off "mon-fri 20:00-07:00" --off "sat,sun 00:00-24:00" --time-zone Europe/Berlin',
      'nothing runs at night and on weekends',
    )
    .action(async (name: string, options: ServeScheduleOptions) => {
      const wish = scheduleWish(options)
      const session = wish === undefined ? await openReadSession(env) : await openChangeSession(env)
      report(await serveSchedule(session, { name, wish }, options))
    })
}
