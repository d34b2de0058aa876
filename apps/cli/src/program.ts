import { Command, InvalidArgumentError } from 'commander'
import { openChangeSession, openReadSession } from './client/session.ts'
import { events, type EventsOptions } from './commands/events.ts'
import { login } from './commands/login.ts'
import { ops, type OpsOptions } from './commands/ops.ts'
import { serveDown } from './commands/serve-down.ts'
import { serveLogs, type ServeLogsOptions } from './commands/serve-logs.ts'
import { serveStatus } from './commands/serve-status.ts'
import { checkFile, serveUp, type ServeUpOptions } from './commands/serve-up.ts'
import { stateDoctor, stateWhere } from './commands/state.ts'
import { status, systemStatus } from './commands/status.ts'
import { stop, type StopOptions } from './commands/stop.ts'
import { up, type UpOptions } from './commands/up.ts'
import type { CliEnv } from './env.ts'
import { programVersion } from './plane/bootstrap.ts'

interface Json {
  readonly json?: boolean
}

type Report = (exitCode: number) => void

/** What the API gives in one answer. */
const listMax = 200
const tailBytesMax = 16_777_216

const exitCodeHelp = `
Exit codes: 0 done, 1 failed, 2 bad input, 3 no control plane, 4 not found, 130 interrupted (what was asked goes on).`

/** Every verb with its help. `report` is given the exit code of the verb that ran. */
export function buildProgram(env: CliEnv, report: Report): Command {
  const program = new Command('skykeep')
    .description('One YAML in, a service that survives out.')
    .showHelpAfterError('(add --help for what is possible)')
    .addHelpText('after', exitCodeHelp)
    .version(programVersion, '-V, --version', 'print the version')
    .exitOverride()
  addPlane(program, env, report)
  addServe(program, env, report)
  addReads(program, env, report)
  return program
}

function addPlane(program: Command, env: CliEnv, report: Report): void {
  program
    .command('up')
    .description('supervise a control plane on this machine, and serve a YAML on it')
    .argument('[file]', 'service YAML to serve once the plane answers')
    .option('-n, --name <name>', 'name of the service; wins over the YAML')
    .option('--env <name=value>', 'variable for setup and run; a bare NAME takes your own value', collect)
    .option('--env-file <file>', 'file of variables')
    .option('--secret <name=value>', 'secret for setup and run, encrypted at rest', collect)
    .option('--port <port>', 'port of the dashboard (46580)', atMost(65_535))
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

function addServe(program: Command, env: CliEnv, report: Report): void {
  const serve = program.command('serve').description('services: up, status, logs, down')
  serve
    .command('up')
    .description('serve a YAML and wait until it answers')
    .argument('<file>', 'service YAML')
    .option('-n, --name <name>', 'name of the service; wins over the YAML')
    .option('--env <name=value>', 'variable for setup and run; a bare NAME takes your own value', collect)
    .option('--env-file <file>', 'file of variables')
    .option('--secret <name=value>', 'secret for setup and run, encrypted at rest', collect)
    .option('--async', 'return as soon as the request is on disk')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', '\nExample: skykeep serve up examples/hello/service.yaml')
    .action(async (file: string, options: ServeUpOptions) => {
      const checked = checkFile(env, file, options)
      report(await serveUp(await openChangeSession(env), checked, options))
    })
  serve
    .command('status')
    .description('all services, or one in full')
    .argument('[name]')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExample: skykeep serve status hello --json')
    .action(async (name: string | undefined, options: Json) =>
      report(await serveStatus(await openReadSession(env), name, options)),
    )
  serve
    .command('logs')
    .description("a replica's output, also of one that is gone")
    .argument('<name>')
    .argument('[replica]', 'its number; the newest where none is given', positive)
    .option('-f, --follow', 'go on until the replica ends')
    .option('--tail-bytes <bytes>', 'start this far from the end (65536)', atMost(tailBytesMax))
    .option('--json', 'print as JSON; with --follow one object a line')
    .addHelpText('after', '\nExample: skykeep serve logs hello 1 --follow')
    .action(async (name: string, replica: number | undefined, options: ServeLogsOptions) =>
      report(await serveLogs(await openReadSession(env), name, replica, options)),
    )
  serve
    .command('down')
    .description('take a service down and wait until nothing of it is left')
    .argument('<name>')
    .option('--async', 'return as soon as the request is on disk')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', '\nExample: skykeep serve down hello')
    .action(async (name: string, options: Json & { readonly async?: boolean }) =>
      report(await serveDown(await openChangeSession(env), name, options)),
    )
}

function addReads(program: Command, env: CliEnv, report: Report): void {
  program
    .command('status')
    .description('what runs and what is wrong, at a glance')
    .option('--json', 'print as JSON')
    .action(async (options: Json) => report(await status(await openReadSession(env), options)))
  program
    .command('ops')
    .description('the latest requests, or one of them in full')
    .argument('[operation]')
    .option('--limit <count>', 'how many (20)', atMost(listMax))
    .option('--json', 'print as JSON')
    .action(async (uid: string | undefined, options: OpsOptions) =>
      report(await ops(await openReadSession(env), uid, options)),
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
  const state = program.command('state').description('the persistent path, whether or not anything runs')
  state
    .command('where')
    .description('where everything is')
    .option('--json', 'print as JSON')
    .action((options: Json) => report(stateWhere(env, options)))
  state
    .command('doctor')
    .description('examine the path: owner, modes, file system, space, locking, schema, keys')
    .option('--fix', 'mend owners and modes')
    .option('--json', 'print as JSON')
    .action(async (options: Json & { readonly fix?: boolean }) => report(await stateDoctor(env, options)))
  program
    .command('login')
    .description('a sign-in link for the dashboard')
    .option('--json', 'print as JSON')
    .action(async (options: Json) => report(await login(await openReadSession(env), options)))
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

function positive(text: string): number {
  const value = Number(text)
  if (Number.isSafeInteger(value) && value > 0) return value
  throw new InvalidArgumentError('Give a whole number above 0.')
}

function atMost(max: number): (text: string) => number {
  return (text) => {
    const value = positive(text)
    if (value <= max) return value
    throw new InvalidArgumentError(`At most ${max.toLocaleString('en')}.`)
  }
}
