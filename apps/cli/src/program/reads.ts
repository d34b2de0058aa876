import type { Command } from 'commander'
import { openChangeSession, openReadSession } from '../client/session.ts'
import { events, type EventsOptions } from '../commands/events.ts'
import { login } from '../commands/login.ts'
import { ops, retryOperation, type OpsOptions } from '../commands/ops.ts'
import { status, systemStatus } from '../commands/status.ts'
import type { AddVerbs, Json } from './group.ts'
import { atMost } from './parse.ts'

/** How many rows the API gives in one answer. */
const listMax = 200

/** What runs and what happened: status, ops, events, system, login. */
export const addReads: AddVerbs = (program, env, report) => {
  program
    .command('status')
    .description('what runs and what is wrong, at a glance')
    .option('--json', 'print as JSON')
    .action(async (options: Json) => report(await status(await openReadSession(env), options)))
  const operations = program
    .command('ops')
    .description('the latest requests, or one of them in full')
    .argument('[operation]')
    .option('--limit <count>', 'how many (20)', atMost(listMax))
    .option('--json', 'print as JSON')
    .action(async (uid: string | undefined, options: OpsOptions) =>
      report(await ops(await openReadSession(env), uid, options)),
    )
  operations
    .command('retry')
    .description('try again what was set aside because it ended its worker three times')
    .argument('<operation>')
    .option('--json', 'print the answer as JSON')
    .action(async (uid: string, _options: Json, command: Command) =>
      report(await retryOperation(await openChangeSession(env), uid, command.optsWithGlobals<Json>())),
    )
  program
    .command('events')
    .description('the log of everything that changed')
    .option('--service <name>', 'only this service')
    .option('--limit <count>', 'how many of the last ones (50)', atMost(listMax))
    .option('-f, --follow', 'go on with new ones')
    .option('--json', 'print as JSON; with --follow one object a line')
    .action(async (options: EventsOptions) => report(await events(await openReadSession(env), options)))
  program
    .command('system')
    .description('the control plane itself')
    .command('status')
    .description('persistent path, database, processes, gateway')
    .option('--json', 'print as JSON')
    .action(async (options: Json) => report(await systemStatus(await openReadSession(env), options)))
  program
    .command('login')
    .description('a sign-in link for the dashboard')
    .option('--json', 'print as JSON')
    .action(async (options: Json) => report(await login(await openReadSession(env), options)))
}
