import { login } from '../commands/login.ts'
import { stop, type StopOptions } from '../commands/stop.ts'
import { up, type UpOptions } from '../commands/up.ts'
import { openReadSession } from '../client/session.ts'
import { verbGroups, type AddVerbs, type Json } from './group.ts'
import { atMost } from './parse.ts'
import { addTaskOptions } from './task-options.ts'

/** The control plane on this machine: up, stop, login. */
export const addPlane: AddVerbs = (program, env, report) => {
  addTaskOptions(
    program
      .command('up')
      .helpGroup(verbGroups.plane)
      .description('supervise a control plane on this machine, and serve a YAML on it')
      .argument('[file]', 'service YAML to serve once the plane answers')
      .option('-n, --name <name>', 'name of the service; wins over the YAML'),
  )
    .option(
      '--port <port>',
      'port of the dashboard (default: `web.port` of config.yaml, else 46580)',
      atMost(65_535),
    )
    .option(
      '--role-port <port>',
      'answer GET /role there: 200 only where the active plane is (default: `role.port` of config.yaml, else nowhere)',
      atMost(65_535),
    )
    .option(
      '--role-host <address>',
      'address of that port (default: `role.host` of config.yaml, else 127.0.0.1)',
    )
    .detail(
      'Web, worker and gateway are started and started again until you end it. Ctrl-C stops web and worker; gateway and replicas go on, and the next `up` adopts them. A second Ctrl-C ends at once.\nWhere a control plane runs already, FILE is served through it; without FILE this one stands by and takes over when that one is gone.',
    )
    .example('skykeep up', 'the control plane and the dashboard, with whatever was up before')
    .example('skykeep up examples/hello/service.yaml', 'the same, and a service on it')
    .example('skykeep up --role-port 8500 --role-host 0.0.0.0', 'for a load balancer that asks who is active')
    .action(async (file: string | undefined, options: UpOptions) => report(await up(env, file, options)))
  program
    .command('stop')
    .helpGroup(verbGroups.plane)
    .description('end the control plane and the gateway; replicas go on')
    .option('--services', 'take every service down first')
    .option('--grace <seconds>', 'time for requests in flight', atMost(600), 10)
    .answersJson('object', ['persistentPath', 'hasStopped', 'services'])
    .example('skykeep stop', 'everything of Skykeep ends; replicas go on without an address')
    .example('skykeep stop --services', 'the services too: nothing is left running')
    .action(async (options: StopOptions) => report(await stop(env, options)))
  program
    .command('login')
    .helpGroup(verbGroups.plane)
    .description('a sign-in link for the dashboard')
    .answersJson('object', ['code', 'url', 'expiresAtMs'])
    .detail('The link is good once, for ten minutes, in a browser of this machine.')
    .example('skykeep login', 'prints the link')
    .action(async (options: Json) => report(await login(await openReadSession(env), options)))
}
