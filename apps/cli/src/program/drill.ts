import { Option } from 'commander'
import { SkykeepError } from '@skykeep/core/errors'
import { openReadSession } from '../client/session.ts'
import { drill, listDrills } from '../drill/drill.ts'
import { parsePath, parseTarget, type DrillOptions } from '../drill/drill-options.ts'
import { verbGroups, type AddVerbs, type Watch } from './group.ts'
import { atMost } from './parse.ts'

const more = `The load is GET requests only, and each is due at its own time. Killed is with SIGKILL, on this machine: worker, web, supervisor, one gateway process, the newest ready replica, or all of the control plane. Everything comes back by itself; a supervisor that nobody else starts again is started in the background.
Exit code 0: nothing was lost that the guarantee covers. Ctrl-C stops the load, and nothing more is killed.`

/** Recovery drills. */
export const addDrill: AddVerbs = (program, env, report) => {
  program
    .command('drill')
    .helpGroup(verbGroups.services)
    .description('kill a part of Skykeep or a replica under load, and see what it costs')
    .argument('<service>', 'a service that is READY')
    .option('--kill <part>', 'worker, gateway, web, supervisor, replica or all', parseTarget, 'worker')
    .option('--repeat <count>', 'how often, at most 20', atMost(20), 1)
    .option('--rate <count>', 'requests a second, at most 1000', atMost(1000), 50)
    .option('--seconds <seconds>', 'load before each death and after each recovery', atMost(300), 3)
    .option('--wait <seconds>', 'how long a recovery may take', atMost(3600), 120)
    .option('--path <path>', 'what is asked for (default: the path of the readiness probe)', parsePath)
    .option('--stream <path>', 'a path with a long answer, which one client keeps open', parsePath)
    .option('-y, --yes', 'also kill the only ready replica')
    .option('--list', 'show earlier drills instead')
    .watches()
    .addOption(new Option('--record <uid>', 'a drill that is recorded already').hideHelp())
    .answersJson('object', ['uid', 'target', 'status', 'reason', 'result', 'unfinishedOfOthers'])
    .answersElse('with --list, newest first', 'list', [
      'uid',
      'target',
      'repeats',
      'status',
      'statusReason',
      'result',
    ])
    .detail(more)
    .example('skykeep drill hello', 'kills the worker once')
    .example(
      'skykeep drill hello --kill gateway --repeat 3 --rate 200',
      'three times one gateway process, under load',
    )
    .example('skykeep drill hello --list', 'what earlier drills found')
    .action(async (name: string, options: DrillOptions & Watch & { readonly list?: boolean }) => {
      const isListed = options.list === true
      if (options.watch === true && !isListed) throw watchesItself()
      const session = await openReadSession(env)
      report(isListed ? await listDrills(session, name, options) : await drill(session, name, options))
    })
}

function watchesItself(): SkykeepError {
  return new SkykeepError('INVALID_INPUT', '--watch without --list', {
    userMessage: '`--watch` goes with `--list`.',
    hint: 'A drill says by itself where it is until its end.',
  })
}
