import type { Command } from 'commander'
import { eventTypes } from '@skykeep/core/events'
import { openChangeSession, openReadSession } from '../client/session.ts'
import { checkTogether, events, type EventsOptions } from '../commands/events.ts'
import { operationLog } from '../commands/ops-log.ts'
import { cancelOperation, ops, retryOperation, type OpsOptions } from '../commands/ops.ts'
import { status, systemStatus } from '../commands/status.ts'
import type { CliEnv } from '../env.ts'
import { verbGroups, type AddVerbs, type Json, type Report, type Watch } from './group.ts'
import { atMost, positive, someEventTypes } from './parse.ts'
import type { Verb } from './verb.ts'

/** How many rows the API gives in one answer. */
const listMax = 200

const operationFields = ['uid', 'verb', 'targetName', 'status', 'statusReason', 'phase', 'createdAtMs']

/** What runs and what happened: status, ops, events, system. */
export const addReads: AddVerbs = (program, env, report) => {
  program
    .command('status')
    .helpGroup(verbGroups.reads)
    .description('what runs and what is wrong, at a glance')
    .watches()
    .answersJson('object', [
      'services',
      'replicas',
      'problems',
      'runningOperations',
      'recentEvents',
      'storage',
      'serviceList',
    ])
    .example('skykeep status', 'problems first, then every service, then what is under way')
    .example('skykeep status --watch --json', 'one line of JSON with every change')
    .action(async (options: Watch) => report(await status(await openReadSession(env), options)))
  addOperations(program, env, report)
  program
    .command('events')
    .helpGroup(verbGroups.reads)
    .description('the log of everything that changed')
    .option('--service <service>', 'only this service')
    .option('--type <event-types>', 'only events of these types, parted by commas', someEventTypes)
    .option('--limit <count>', 'how many of the last ones, at most 200', atMost(listMax), 50)
    .option('--at <time>', 'what there was at that time: `10m`, `2h` ago, or 2026-11-22T03:00')
    .option('--cause <seq>', 'what led to the event of that number, and what it caused', positive)
    .option('-f, --follow', 'go on with new ones until Ctrl-C')
    .option('-w, --watch', 'the same as --follow')
    .answersJson(
      'list',
      ['seq', 'kind', 'uid', 'type', 'from', 'to', 'reason', 'message', 'atMs'],
      'with --follow one object a line',
    )
    .answersElse('with --at', 'object', ['atMs', 'seq', 'services'])
    .answersElse('with --cause', 'object', ['event', 'causes', 'effects', 'actorNames'])
    .detail(`Types of events: ${eventTypes.join(', ')}.`)
    .example('skykeep events --service hello --limit 20', 'the last twenty of one service')
    .example('skykeep events --type service.scaled,rollout.progress --follow', 'only those, and new ones')
    .example('skykeep events --at 2026-11-22T03:00', 'services and replicas as they were then')
    .example('skykeep events --cause 4711', 'from a replica back to who asked for it')
    .example('skykeep events --follow --json', 'one line of JSON for each event as it comes')
    .action(async (options: EventsOptions) => {
      checkTogether(options)
      report(await events(await openReadSession(env), options))
    })
  program
    .command('system')
    .helpGroup(verbGroups.reads)
    .description('the control plane itself')
    .command('status')
    .description('persistent path, database, processes, gateway')
    .watches()
    .answersJson('object', [
      'persistentPath',
      'database',
      'role',
      'fence',
      'installationId',
      'version',
      'processes',
      'storage',
      'gateway',
      'setAside',
      'counts',
    ])
    .example('skykeep system status', 'where the state is, and whether each process answers')
    .action(async (options: Watch) => report(await systemStatus(await openReadSession(env), options)))
}

function addOperations(program: Verb, env: CliEnv, report: Report): void {
  const operations = program
    .command('ops')
    .helpGroup(verbGroups.reads)
    .description('the latest requests, or one of them in full')
    .argument('[operation]', 'its id, as the list shows it')
    .option('--limit <count>', 'how many, at most 200', atMost(listMax), 20)
    .watches()
    .answersJson('list', operationFields)
    .answersElse('with an operation', 'object', [...operationFields, 'events'])
    .detail(
      'With an operation, --watch goes on until it has ended, and the exit code says how: 0 succeeded, 100 failed, 103 cancelled.',
    )
    .example('skykeep ops', 'what was asked for, by whom, and how far it is')
    .example('skykeep ops op_abc --watch', 'waits for the end of a request that was made with --async')
    .action(async (uid: string | undefined, options: OpsOptions) =>
      report(await ops(await openReadSession(env), uid, options)),
    )
  operations
    .command('log')
    .description('what the worker wrote while it worked for one request')
    .argument('<operation>', 'its id, as `ops` shows it')
    .watches()
    .answersJson('list', ['process', 'atMs', 'level', 'message', 'details'])
    .example('skykeep ops log op_abc', 'its lines about the service and each replica, oldest first')
    .action(async (uid: string, _options: Watch, command: Command) =>
      report(await operationLog(await openReadSession(env), uid, command.optsWithGlobals<Watch>())),
    )
  operations
    .command('retry')
    .description('try again what was set aside because it ended its worker three times')
    .argument('<operation>', 'its id, as `ops` shows it')
    .answersJson('object', ['operationUid', 'name'])
    .example('skykeep ops retry op_abc', 'the request and what of its service was set aside with it')
    .action(async (uid: string, _options: Json, command: Command) =>
      report(await retryOperation(await openChangeSession(env), uid, command.optsWithGlobals<Json>())),
    )
  operations
    .command('cancel')
    .description('undo a request that is under way')
    .argument('<operation>', 'its id, as `ops` shows it')
    .answersJson('object', ['operationUid', 'name', 'message'])
    .detail(
      'A launch that never was ready is taken down, an update or a rollback goes back to the version that served, a resume is paused again. Teardowns, pauses, off-hours and ends of a replica are refused with the reason.',
    )
    .example('skykeep ops cancel op_abc', 'the operation ends as CANCELLED once the service is there')
    .action(async (uid: string, _options: Json, command: Command) =>
      report(await cancelOperation(await openChangeSession(env), uid, command.optsWithGlobals<Json>())),
    )
}
