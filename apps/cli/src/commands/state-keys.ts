import { requireNotMoved } from '@skykeep/persistent-path/path-state'
import { dropOldKeys, keyNeeds } from '@skykeep/state/keys/drop-old-keys'
import { rotateKey } from '@skykeep/state/keys/rotate-key'
import { systemClock } from '@skykeep/telemetry/system-clock'
import { noteOnInterrupt } from '../client/goes-on.ts'
import { findPlace } from '../client/plane.ts'
import type { CliEnv } from '../env.ts'
import { openTerminal } from '../output/terminal.ts'
import { databaseUrlOf } from '../plane/settings.ts'
import { exitCodes } from './failure.ts'

export interface StateRotateKeyOptions {
  readonly dropOld?: boolean
  readonly json?: boolean
}

/** `skykeep state rotate-key`: a new master key, every secret under it, while everything goes on; `--drop-old` only removes old ones. */
export async function stateRotateKey(env: CliEnv, options: StateRotateKeyOptions): Promise<number> {
  const terminal = openTerminal(env)
  const place = findPlace(env)
  const { layout } = place
  requireNotMoved(layout)
  const given = env.all['SKYKEEP_MASTER_KEY']
  const source = { layout, given, databaseUrl: databaseUrlOf(place), clock: systemClock }
  if (options.dropOld === true) {
    const dropped = await dropOldKeys(source)
    const left = await keyNeeds(source)
    if (options.json === true) terminal.json({ dropped, keys: left })
    else {
      terminal.print(`dropped   ${dropped.map((version) => `v${version}`).join(', ') || 'nothing'}`)
      for (const { version, isCurrent, secrets, backups } of left) {
        const why = isCurrent ? 'current' : `${secrets} secrets, ${backups.length} backups need it`
        terminal.print(`stays     v${version}  ${why}`)
        for (const file of isCurrent ? [] : backups) terminal.print(`          ${file}`)
      }
    }
    return exitCodes.ok
  }
  const takeBack = noteOnInterrupt(terminal, {
    what: 'the rotation may not have come to its end; no secret is lost, and both keys are kept. To go on with it',
    look: 'skykeep state rotate-key',
  })
  const rotated = await rotateKey({ ...source, keys: { file: layout.masterKey, given } })
  takeBack()
  if (options.json === true) terminal.json(rotated)
  else {
    const { version, encrypted, secrets, wasResumed } = rotated
    if (wasResumed) terminal.print('resumed   a rotation that had not come to its end')
    terminal.print(`current   v${version}; ${secrets} secrets are under it (${encrypted} were not before)`)
    terminal.print(
      'kept      the old key: earlier backups need it. `npx skykeep state rotate-key --drop-old` drops what nothing needs',
    )
  }
  return exitCodes.ok
}
