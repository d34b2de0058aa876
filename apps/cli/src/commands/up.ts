import { randomUUID } from 'node:crypto'
import { randomIds } from '@skykeep/secrets/random-ids'
import { systemClock } from '@skykeep/telemetry/system-clock'
import { findPlace, findPlane } from '../client/plane.ts'
import { checkFile, type CheckedFile } from '../client/service-file.ts'
import { sessionAt } from '../client/session.ts'
import type { CliEnv } from '../env.ts'
import { bootstrap, raiseInstallationFence, type BootstrapOptions } from '../plane/bootstrap.ts'
import { planeSettings, type PlaneSettings } from '../plane/settings.ts'
import { runSupervisor } from '../supervisor/run-supervisor.ts'
import { explain } from './failure.ts'
import { serveUp, type ServeUpOptions } from './serve-up.ts'

export interface UpOptions extends ServeUpOptions {
  /** Port of the dashboard, 1–65535. */
  readonly port?: number
}

/**
 * `skykeep up [FILE]`: supervises a control plane on this machine, and serves FILE on it once it answers. Where one runs
 * already, a FILE is served through it; without one this process stands by. Returns the exit code.
 */
export async function up(env: CliEnv, file: string | undefined, options: UpOptions): Promise<number> {
  const checked = file === undefined ? undefined : checkFile(env, file, options)
  const place = findPlace(env)
  const running = await findPlane(place)
  if (running !== undefined && checked !== undefined) {
    process.stderr.write(`a control plane runs already on ${place.resolved.path}: asking it\n`)
    return await serveUp(sessionAt(env, place, running), checked, options)
  }
  return await supervise(env, planeSettings(env, options), checked, options)
}

async function supervise(
  env: CliEnv,
  settings: PlaneSettings,
  file: CheckedFile | undefined,
  options: UpOptions,
): Promise<number> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`)
  const { prepared, databaseUrl, build, webPort } = settings
  for (const warning of prepared.warnings) say(`warning   ${warning}`)
  const state: BootstrapOptions = {
    layout: prepared.layout,
    databaseUrl,
    build,
    givenMasterKey: env.all['SKYKEEP_MASTER_KEY'],
    clock: systemClock,
    ids: randomIds,
    say: (line) => say(`database  ${line}`),
  }
  return await runSupervisor({
    specs: {
      layout: prepared.layout,
      node: `${build}/node`,
      build,
      environment: env.all,
      databaseUrl,
      webPort,
      gatewayProcesses: settings.gatewayProcesses,
      ...settings.keeping,
    },
    prepareState: async () => await bootstrap(state),
    raiseFence: async (atLeast) => await raiseInstallationFence(state, atLeast),
    say,
    clock: systemClock,
    random: Math.random,
    run: randomUUID(),
    ...(settings.keeping.reserveBytes === undefined ? {} : { reserveBytes: settings.keeping.reserveBytes }),
    onReady: ({ webPort: port }) => void welcome(env, settings, { file, options, port }),
  })
}

interface Welcome {
  readonly file: CheckedFile | undefined
  readonly options: UpOptions
  readonly port: number
}

/** What a person sees once everything answers: where to look, how to get in, and the service that they asked for. */
async function welcome(
  env: CliEnv,
  settings: PlaneSettings,
  { file, options, port }: Welcome,
): Promise<void> {
  const session = sessionAt(env, settings.place, `http://127.0.0.1:${port}`)
  const { terminal } = session
  try {
    const link = await session.api.auth.createSignInCode.mutate()
    terminal.print(`dashboard  http://127.0.0.1:${port}`)
    terminal.print(`sign in    ${link.url}  (once, within ten minutes; \`npx skykeep login\` makes another)`)
    if (file !== undefined) await serveUp(session, file, { ...options, isInSupervisor: true })
  } catch (error) {
    for (const line of explain(error).lines) terminal.note(line)
    terminal.note('The control plane goes on; Ctrl-C stops it.')
  }
}
