import { existsSync } from 'node:fs'
import path from 'node:path'
import { Option } from 'commander'
import { checkFile } from '../client/service-file.ts'
import { openChangeSession, openReadSession } from '../client/session.ts'
import { checkDown, serveDown, type ServeDownOptions } from '../commands/serve-down.ts'
import { serveStatus, type ServeStatusOptions } from '../commands/serve-status.ts'
import { isServiceName, serveUp, serveUpAgain, type ServeUpOptions } from '../commands/serve-up.ts'
import type { CliEnv } from '../env.ts'
import { verbGroups, type AddVerbs, type Report } from './group.ts'
import { addServeLogs } from './serve-logs.ts'
import { addServePauses } from './serve-pauses.ts'
import { addServeUpdates } from './serve-updates.ts'
import { positive } from './parse.ts'
import { addAsync, addTaskOptions } from './task-options.ts'
import type { Verb } from './verb.ts'

/** Services: everything under `serve`. */
export const addServe: AddVerbs = (program, env, report) => {
  const serve = program
    .command('serve')
    .helpGroup(verbGroups.services)
    .description('services: up, update, roll back, pause, look at and take down')
  addUp(serve, env, report)
  addStatus(serve, env, report)
  addServeLogs(serve, env, report)
  addServeUpdates(serve, env, report)
  addServePauses(serve, env, report)
  addDown(serve, env, report)
}

function addUp(serve: Verb, env: CliEnv, report: Report): void {
  addAsync(
    addTaskOptions(
      serve
        .command('up')
        .description('serve a YAML and wait until it answers')
        .argument('<file>', 'service YAML, or the name of a service that there is')
        .option('-n, --name <name>', 'name of the service; wins over the YAML'),
    ),
  )
    .answersJson('object', ['operationUid', 'serviceUid', 'name', 'endpointUrl', 'note'])
    .detail(
      'Where no control plane runs one is started in the background. Given a name instead of a file, it takes up a service whose control is gone.\nCtrl-C ends only the waiting, and says how to look at it and how to cancel it.',
    )
    .example('skykeep serve up examples/hello/service.yaml', 'prints the URL once it answers')
    .example(
      'skykeep serve up llm.yaml --name chat --env MODEL=tiny --secret HF_TOKEN',
      'with a variable and a secret',
    )
    .example('skykeep serve up chat', 'takes up a service whose control plane is gone')
    .action(async (file: string, options: ServeUpOptions) => {
      if (isServiceName(file, (name) => existsSync(path.resolve(env.cwd, name)))) {
        report(await serveUpAgain(await openChangeSession(env), file, options))
        return
      }
      const checked = checkFile(env, file, options)
      report(await serveUp(await openChangeSession(env), checked, options))
    })
}

function addStatus(serve: Verb, env: CliEnv, report: Report): void {
  serve
    .command('status')
    .description('all services, or one in full')
    .argument('[service]', 'its name')
    .option('--endpoint', 'print only the URL of the service')
    .watches()
    .answersJson('object', [
      'name',
      'uid',
      'status',
      'reason',
      'endpoint',
      'version',
      'target',
      'ready',
      'replicas',
    ])
    .answersElse('without a service', 'list', [
      'name',
      'uid',
      'status',
      'statusReason',
      'endpoint',
      'version',
      'readyReplicas',
      'targetReplicas',
      'createdAtMs',
      'createdBy',
    ])
    .example('skykeep serve status', 'one line a service')
    .example('skykeep serve status hello --watch', 'one service in full, redrawn with every change')
    .example('curl "$(npx skykeep serve status hello --endpoint)"', 'its URL in a script')
    .action(async (name: string | undefined, options: ServeStatusOptions) =>
      report(await serveStatus(await openReadSession(env), name, options)),
    )
}

function addDown(serve: Verb, env: CliEnv, report: Report): void {
  addAsync(
    serve
      .command('down')
      .description('take a service down and wait until nothing of it is left')
      .argument('<service>', 'its name')
      .option('--replica-id <replica>', 'end only this replica; another one takes its place', positive)
      .addOption(new Option('--purge', "SkyPilot's; not needed here").hideHelp()),
  )
    .answersJson('object', ['operationUid', 'name'])
    .detail('Ctrl-C ends only the waiting: the service goes on being taken down.')
    .example('skykeep serve down hello', 'requests in flight end first; then replicas, then the address')
    .example('skykeep serve down hello --replica-id 3', 'a fresh replica instead of number 3')
    .action(async (name: string, options: ServeDownOptions) => {
      checkDown(name, options)
      report(await serveDown(await openChangeSession(env), name, options))
    })
}
