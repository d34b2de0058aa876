import { existsSync } from 'node:fs'
import path from 'node:path'
import { Option } from 'commander'
import { checkFile } from '../client/service-file.ts'
import { openChangeSession, openReadSession } from '../client/session.ts'
import { checkDown, serveDown, type ServeDownOptions } from '../commands/serve-down.ts'
import { serveStatus, type ServeStatusOptions } from '../commands/serve-status.ts'
import { isServiceName, serveUp, serveUpAgain, type ServeUpOptions } from '../commands/serve-up.ts'
import type { AddVerbs } from './group.ts'
import { addServeChange } from './serve-change.ts'
import { addServeLogs } from './serve-logs.ts'
import { collect, positive } from './parse.ts'

/** Services: up, status, logs, down. */
export const addServe: AddVerbs = (program, env, report) => {
  const serve = program
    .command('serve')
    .description('services: up, update, roll back, pause, look at and take down')
  serve
    .command('up')
    .description('serve a YAML and wait until it answers; a name takes up a service whose control is gone')
    .argument('<file>', 'service YAML, or the name of a service that there is')
    .option('-n, --name <name>', 'name of the service; wins over the YAML')
    .option('--env <name=value>', 'variable for setup and run; a bare NAME takes your own value', collect)
    .option('--env-file <file>', 'file of variables')
    .option('--secret <name=value>', 'secret for setup and run, encrypted at rest', collect)
    .option('--async', 'return as soon as the request is on disk')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', '\nExample: skykeep serve up examples/hello/service.yaml')
    .action(async (file: string, options: ServeUpOptions) => {
      if (isServiceName(file, (name) => existsSync(path.resolve(env.cwd, name)))) {
        report(await serveUpAgain(await openChangeSession(env), file, options))
        return
      }
      const checked = checkFile(env, file, options)
      report(await serveUp(await openChangeSession(env), checked, options))
    })
  serve
    .command('status')
    .description('all services, or one in full')
    .argument('[name]')
    .option('--endpoint', 'print only its URL')
    .option('-w, --watch', 'go on with every change until Ctrl-C')
    .option('--json', 'print as JSON; with --watch one object a line')
    .addHelpText('after', '\nExample: skykeep serve status hello --json')
    .action(async (name: string | undefined, options: ServeStatusOptions) =>
      report(await serveStatus(await openReadSession(env), name, options)),
    )
  addServeLogs(serve, env, report)
  serve
    .command('down')
    .description('take a service down and wait until nothing of it is left')
    .argument('<name>')
    .option('--replica-id <number>', 'end only this replica; another one takes its place', positive)
    .addOption(new Option('--purge', "SkyPilot's; not needed here").hideHelp())
    .option('--async', 'return as soon as the request is on disk')
    .option('--json', 'print the answer as JSON')
    .addHelpText('after', '\nExample: skykeep serve down hello')
    .action(async (name: string, options: ServeDownOptions) => {
      checkDown(name, options)
      report(await serveDown(await openChangeSession(env), name, options))
    })
  addServeChange(serve, env, report)
}
