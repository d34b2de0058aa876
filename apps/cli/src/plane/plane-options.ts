import { randomUUID } from 'node:crypto'
import { resolvePersistentPath } from '@skykeep/persistent-path/resolve'
import { systemClock } from '@skykeep/telemetry/system-clock'
import type { CliEnv } from '../env.ts'
import type { SupervisorOptions } from '../supervisor/supervisor-options.ts'
import { type PlaneSettings, settingsAt } from './settings.ts'
import { StateProcess } from './state-process.ts'

type Ready = Parameters<NonNullable<SupervisorOptions['onReady']>>[0]

/** What the supervisor of these settings is started with; the same for another path when the state goes there. */
export function planeOptions(
  env: CliEnv,
  settings: PlaneSettings,
  onReady: (settings: PlaneSettings, ready: Ready) => void,
): SupervisorOptions {
  const say = (line: string): void => void process.stderr.write(`${line}\n`)
  const {
    place,
    prepared,
    databaseUrl,
    build,
    webPort,
    gatewayProcesses,
    gatewayZone,
    keeping,
    watching,
    role,
  } = settings
  for (const warning of prepared.warnings) say(`warning   ${warning}`)
  const { root } = prepared.layout
  const givenMasterKey = env.all['SKYKEEP_MASTER_KEY']
  const state = new StateProcess({ root, databaseUrl, build, givenMasterKey }, (line) =>
    say(`database  ${line}`),
  )
  const specs = { layout: prepared.layout, node: `${build}/node`, build, environment: env.all }
  return {
    specs: { ...specs, databaseUrl, webPort, gatewayProcesses, gatewayZone, ...keeping, ...watching },
    usesSqlite: place.resolved.config.databaseUrl === undefined,
    prepareState: async () => await state.bootstrap(),
    raiseFence: async (atLeast) => await state.raiseFence(atLeast),
    say,
    clock: systemClock,
    random: Math.random,
    run: randomUUID(),
    ...(keeping.reserveBytes === undefined ? {} : { reserveBytes: keeping.reserveBytes }),
    ...(role === undefined ? {} : { role }),
    onReady: (ready) => onReady(settings, ready),
    at: async (root) => planeOptions(env, settingsAt(settings, root), onReady),
    wantedRoot: () => {
      const now = resolvePersistentPath(env.all, env.home)
      return now.source === 'config' ? now.path : undefined
    },
  }
}
