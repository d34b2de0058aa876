import { openReadSession } from '../client/session.ts'
import { drill, listDrills } from '../drill/drill.ts'
import { parsePath, parseTarget, type DrillOptions } from '../drill/drill-options.ts'
import type { AddVerbs } from './group.ts'
import { atMost } from './parse.ts'

const help = `
The load is GET requests only, and each is due at its own time. Killed is with SIGKILL, on this machine: worker, web, supervisor, one
gateway process, the newest ready replica, or all of the control plane. Everything comes back by itself; a supervisor that nobody else
starts again is started in the background. Exit code 0: nothing was lost that the guarantee covers. Ctrl-C stops the load.
Example: skykeep drill hello --kill worker --repeat 3`

/** Recovery drills. */
export const addDrill: AddVerbs = (program, env, report) => {
  program
    .command('drill')
    .description('kill a part of Skykeep or a replica under load, and see what it costs')
    .argument('<service>')
    .option(
      '--kill <part>',
      'worker, gateway, web, supervisor, replica or all (worker)',
      parseTarget,
      'worker',
    )
    .option('--repeat <count>', 'how often (1)', atMost(20), 1)
    .option('--rate <count>', 'requests a second (50)', atMost(1000), 50)
    .option('--seconds <count>', 'load before each death and after each recovery (3)', atMost(300), 3)
    .option('--wait <seconds>', 'how long a recovery may take (120)', atMost(3600), 120)
    .option('--path <path>', 'what is asked for; else the path of the readiness probe', parsePath)
    .option('--stream <path>', 'a path with a long answer, which one client keeps open', parsePath)
    .option('-y, --yes', 'also kill the only ready replica')
    .option('--list', 'show earlier drills instead')
    .option('--record <uid>', 'a drill that is recorded already')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', help)
    .action(async (name: string, options: DrillOptions & { readonly list?: boolean }) => {
      const session = await openReadSession(env)
      const isListed = options.list === true
      report(
        isListed
          ? await listDrills(session, name, options.json === true)
          : await drill(session, name, options),
      )
    })
}
