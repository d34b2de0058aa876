import { stop, type StopOptions } from '../commands/stop.ts'
import { up, type UpOptions } from '../commands/up.ts'
import type { AddVerbs } from './group.ts'
import { atMost, collect } from './parse.ts'

/** The control plane on this machine: up, stop. */
export const addPlane: AddVerbs = (program, env, report) => {
  program
    .command('up')
    .description('supervise a control plane on this machine, and serve a YAML on it')
    .argument('[file]', 'service YAML to serve once the plane answers')
    .option('-n, --name <name>', 'name of the service; wins over the YAML')
    .option('--env <name=value>', 'variable for setup and run; a bare NAME takes your own value', collect)
    .option('--env-file <file>', 'file of variables')
    .option('--secret <name=value>', 'secret for setup and run, encrypted at rest', collect)
    .option('--port <port>', 'port of the dashboard (46580)', atMost(65_535))
    .option(
      '--role-port <port>',
      'answer GET /role there: 200 only where the active plane is',
      atMost(65_535),
    )
    .option('--role-host <address>', 'address of that port (127.0.0.1)')
    .addHelpText(
      'after',
      '\nCtrl-C stops web and worker; gateway and replicas go on.\nExample: skykeep up examples/hello/service.yaml',
    )
    .action(async (file: string | undefined, options: UpOptions) => report(await up(env, file, options)))
  program
    .command('stop')
    .description('end the control plane and the gateway; replicas go on')
    .option('--services', 'take every service down first')
    .option('--grace <seconds>', 'time for requests in flight (10)', atMost(600))
    .action(async (options: StopOptions) => report(await stop(env, options)))
}
