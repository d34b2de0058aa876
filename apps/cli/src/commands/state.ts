import { examine } from '@skykeep/state/doctor'
import type { Check } from '@skykeep/state/check'
import { whereIs } from '@skykeep/state/where'
import { systemClock } from '@skykeep/telemetry/system-clock'
import { findPlace } from '../client/plane.ts'
import type { CliEnv } from '../env.ts'
import type { Colour } from '../output/paint.ts'
import { openTerminal } from '../output/terminal.ts'
import { databaseUrlOf } from '../plane/settings.ts'
import { exitCodes } from './failure.ts'

/** `skykeep state where`: where everything is, whether or not anything runs. */
export function stateWhere(env: CliEnv, options: { readonly json?: boolean }): number {
  const terminal = openTerminal(env)
  const { resolved, layout } = findPlace(env)
  const where = whereIs(resolved, layout)
  if (options.json === true) {
    terminal.json(where)
    return exitCodes.ok
  }
  const absent = where.isPathPresent ? '' : '  (not there yet: the first start makes it)'
  terminal.print(`persistent path  ${where.persistentPath}${absent}`)
  if (where.movedTo !== null) terminal.print(`moved to         ${where.movedTo}`)
  terminal.print(`named by         ${where.origin}`)
  terminal.print(`config           ${where.configFile}${where.isConfigFilePresent ? '' : '  (absent)'}`)
  terminal.print(`database         ${where.database}`)
  terminal.print(`logs             ${layout.logsDir}`)
  terminal.print(`versions         ${layout.versionsDir}`)
  terminal.print(`keys             ${layout.keysDir}`)
  const { holder } = where
  terminal.print(`held by          ${holder === null ? 'nobody' : `pid ${holder.pid} on ${holder.hostname}`}`)
  for (const { name, pid, port } of where.processes) {
    terminal.print(`running          ${name}  pid ${pid}${port === undefined ? '' : `  port ${port}`}`)
  }
  return exitCodes.ok
}

const tones: Readonly<Record<Check['status'], Colour>> = { ok: 'green', warn: 'yellow', fail: 'red' }

/** `skykeep state doctor [--fix]`: examines the path; exit code 1 when something fails. */
export async function stateDoctor(
  env: CliEnv,
  options: { readonly json?: boolean; readonly fix?: boolean },
): Promise<number> {
  const terminal = openTerminal(env)
  const place = findPlace(env)
  const { reserveMegabytes } = place.resolved.config
  const checks = await examine({
    layout: place.layout,
    ...(reserveMegabytes === undefined ? {} : { reserveBytes: reserveMegabytes * 2 ** 20 }),
    usesSqlite: place.resolved.config.databaseUrl === undefined,
    uid: process.getuid?.() ?? 0,
    shouldFix: options.fix === true,
    clock: systemClock,
    url: databaseUrlOf(place),
    migrationsDir: env.build === undefined ? undefined : `${env.build}/migrations`,
    keys: { file: place.layout.masterKey, given: env.all['SKYKEEP_MASTER_KEY'] },
  })
  if (options.json === true) terminal.json(checks)
  else {
    for (const check of checks) {
      terminal.print(
        `${terminal.paint(tones[check.status], check.status.padEnd(4))}  ${check.name.padEnd(16)} ${check.detail}`,
      )
      if (check.status !== 'ok' && check.fix !== undefined)
        terminal.print(`      ${''.padEnd(16)} fix: ${check.fix}`)
    }
  }
  return checks.some(({ status }) => status === 'fail') ? exitCodes.failed : exitCodes.ok
}
