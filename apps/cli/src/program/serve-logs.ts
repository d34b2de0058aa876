import { openReadSession } from '../client/session.ts'
import { logsWish, type ServeLogsOptions } from '../commands/logs-wish.ts'
import { serveLogs } from '../commands/serve-logs.ts'
import type { CliEnv } from '../env.ts'
import type { Report } from './group.ts'
import { atMost, positives } from './parse.ts'
import type { Verb } from './verb.ts'

/** What the API gives in one answer. */
const tailBytesMax = 16_777_216
const tailLinesMax = 10_000

/** What replicas wrote, and what our own processes wrote about a service. */
export function addServeLogs(serve: Verb, env: CliEnv, report: Report): void {
  serve
    .command('logs')
    .description("replicas' output, also of those that are gone; several in the order of time")
    .argument('<service>', 'its name')
    .argument('[replica...]', 'their numbers (default: the newest one)', positives)
    .option('--all', 'every replica')
    .option('--since <time>', 'only what came after: 10m, 2h, 3d or 2026-11-22T03:00')
    .option('--until <time>', 'only what came before')
    .option(
      '--tail-lines <count>',
      'only the last lines, of all together (default: 1000 of several replicas, all between two times)',
      atMost(tailLinesMax),
    )
    .option(
      '--tail-bytes <bytes>',
      'of one replica, start this far from the end (default: 65536)',
      atMost(tailBytesMax),
    )
    .option('-f, --follow', 'go on with what comes, until what is followed ends or Ctrl-C')
    .option('--no-follow', 'show what there is, and end; this is the default')
    .option('--controller', 'what the worker wrote about the service (default: the last 200 lines)')
    .option('--load-balancer', 'what the gateway wrote about it (default: the last 200 lines)')
    .option('--sync-down <folder>', 'write whole logs into a folder of this machine')
    .answersJson(
      'object',
      ['service', 'replica', 'text', 'offset', 'nextOffset', 'isEnded'],
      'with --follow one object a line',
    )
    .answersElse('with several replicas, times or --tail-lines', 'list', [
      'replicaId',
      'text',
      'atMs',
      'nextOffset',
    ])
    .answersElse('with --controller or --load-balancer', 'list', [
      'process',
      'atMs',
      'level',
      'message',
      'details',
    ])
    .example('skykeep serve logs hello', 'the newest replica')
    .example('skykeep serve logs hello --all --since 10m --follow', 'all of them, and what comes')
    .example('skykeep serve logs hello --controller --follow', 'what the worker does about it, as it does it')
    .example('skykeep serve logs hello 1 2 --tail-lines 100', 'the last hundred lines of two replicas')
    .action(async (name: string, replicas: readonly number[], options: ServeLogsOptions) => {
      const wish = logsWish(name, replicas, options)
      report(await serveLogs(await openReadSession(env), wish))
    })
}
