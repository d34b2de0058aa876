import { existsSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { SkykeepError } from '@skykeep/core/errors'
import type { Authenticity } from '@skykeep/state/backup/manifest'
import { restoreBackup } from '@skykeep/state/backup/restore-backup'
import { type Verdict, verifyBackup } from '@skykeep/state/backup/verify-backup'
import { redactUrl } from '@skykeep/state/where'
import { systemClock } from '@skykeep/telemetry/system-clock'
import { findPlace, type Place } from '../client/plane.ts'
import { stoppable } from '../client/stoppable.ts'
import type { CliEnv } from '../env.ts'
import { Progress } from '../output/progress.ts'
import { size } from '../output/size.ts'
import { openTerminal, type Terminal } from '../output/terminal.ts'
import { programVersion } from '../plane/program-version.ts'
import { findKeys, readKeyFile } from '../plane/keys.ts'
import { databaseUrlOf } from '../plane/settings.ts'
import { exitCodes } from './failure.ts'
import { failuresTold, tellOf, type Told } from './state-events.ts'

export interface StateVerifyOptions {
  readonly keyFile?: string
  readonly json?: boolean
  /** Whose wish it is, where the dashboard starts it: a user's uid. */
  readonly askedBy?: string
}

/** `skykeep state verify FILE`: proves a backup by restoring it; exit code 1 when it is not what it says. */
export async function stateVerify(env: CliEnv, file: string, options: StateVerifyOptions): Promise<number> {
  const terminal = openTerminal(env)
  const place = findPlace(env)
  const { tmpDir } = place.layout
  const backup = path.resolve(env.cwd, file)
  const told = { terminal, databaseUrl: databaseUrlOf(place), actor: options.askedBy }
  const stopped = 'stopped: nothing was proven, and nothing was changed.'
  const verdict = await stoppable(terminal, { stopped }, (check) => {
    const verifying = verifyBackup({
      file: backup,
      keys: options.keyFile === undefined ? findKeys(env, place) : readKeyFile(options.keyFile),
      tmpDir: existsSync(tmpDir) ? tmpDir : tmpdir(),
      migrationsDir: migrationsOf(env),
      programVersion,
      clock: systemClock,
      onBytes: progressOf(terminal, check),
    }).then((verdict) => {
      // A check that was stopped may have taken that for damage.
      check()
      return verdict
    })
    return toldOf(verifying, backup, place, told)
  })
  const { isIdentical, manifest, differences, authenticity } = verdict
  if (options.json === true) {
    terminal.json({ isIdentical, authenticity, differences, tables: manifest?.tables ?? [] })
    return isIdentical ? exitCodes.ok : exitCodes.failed
  }
  if (manifest !== null) {
    terminal.print(`key       ${authenticityText(authenticity, manifest.keyVersion)}`)
    const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0)
    terminal.print(
      `restored  ${manifest.tables.length} tables, ${rows} rows; ${manifest.files.length} files read`,
    )
  }
  for (const difference of differences) terminal.print(`${terminal.paint('red', 'differs')}   ${difference}`)
  terminal.print(isIdentical ? terminal.paint('green', 'identical') : terminal.paint('red', 'NOT identical'))
  return isIdentical ? exitCodes.ok : exitCodes.failed
}

/** A backup of the path's own folder is told of in its log, so that the dashboard shows what was proven; another one is nobody's here. */
async function toldOf(
  verifying: Promise<Verdict>,
  backup: string,
  { layout, resolved }: Place,
  told: Told,
): Promise<Verdict> {
  const hasLog = resolved.config.databaseUrl !== undefined || existsSync(layout.stateDb)
  const stats = statSync(backup, { throwIfNoEntry: false })
  if (!hasLog || stats === undefined || path.dirname(backup) !== layout.backupsDir) return await verifying
  const verdict = await failuresTold('verify', told, verifying)
  const { isIdentical, authenticity, differences } = verdict
  const name = path.basename(backup)
  const more = differences.length > 1 ? `, and ${differences.length - 1} more` : ''
  await tellOf(told, {
    type: 'state.verified',
    reason: isIdentical ? 'IDENTICAL' : 'DIFFERS',
    message: isIdentical
      ? `The backup ${name} was restored and is identical.`
      : `The backup ${name} is not what it says: ${differences[0] ?? 'it has no manifest'}${more}.`,
    payload: {
      backup: name,
      bytes: stats.size,
      modifiedAtMs: Math.trunc(stats.mtimeMs),
      isIdentical,
      authenticity,
    },
  })
  return verdict
}

export interface StateRestoreOptions {
  readonly to: string
  readonly databaseUrl?: string
  readonly keyFile?: string
  readonly json?: boolean
}

/** `skykeep state restore FILE --to PATH`: into a new place, beside whatever runs. */
export async function stateRestore(env: CliEnv, file: string, options: StateRestoreOptions): Promise<number> {
  const terminal = openTerminal(env)
  const place = findPlace(env)
  const given = options.keyFile === undefined ? undefined : readKeyFile(options.keyFile)
  const root = path.resolve(env.cwd, options.to)
  const stopped = `stopped: ${root} is not whole, and nothing starts on it; the same command begins anew, and nothing else was changed.`
  const restored = await stoppable(terminal, { stopped }, (check) =>
    restoreBackup({
      file: path.resolve(env.cwd, file),
      root,
      databaseUrl: options.databaseUrl,
      keys: given ?? findKeys(env, place),
      shouldKeepKeys: given !== undefined,
      migrationsDir: migrationsOf(env),
      programVersion,
      clock: systemClock,
      onBytes: progressOf(terminal, check),
      // From its last step on it is whole.
      onStep: (step) => (step === 'placed' ? undefined : check()),
    }),
  )
  const { layout, installation, manifest, authenticity } = restored
  const needed = manifest.secretKeyVersions.map((version) => `v${version}`)
  const isKeyThere = existsSync(layout.masterKey)
  if (options.json === true) {
    const { uid, epoch } = installation
    const database = redactUrl(restored.databaseUrl)
    const keys = { needed: manifest.secretKeyVersions, isThere: isKeyThere }
    const { replacedTextIn } = restored
    terminal.json({
      root: layout.root,
      database,
      installationId: uid,
      epoch,
      authenticity,
      keys,
      replacedTextIn,
    })
    return exitCodes.ok
  }
  terminal.print(`restored  ${layout.root}  (epoch ${installation.epoch} of ${installation.uid})`)
  terminal.print(`database  ${redactUrl(restored.databaseUrl)}`)
  terminal.print(`key       ${authenticityText(authenticity, manifest.keyVersion)}`)
  if (restored.replacedTextIn.length > 0) {
    const tables = restored.replacedTextIn.join(', ')
    terminal.print(`replaced  NUL and half characters in ${tables} by U+FFFD: PostgreSQL stores none`)
  }
  if (!isKeyThere && needed.length > 0) {
    terminal.print(
      `          secrets need ${needed.join(', ')}: give SKYKEEP_MASTER_KEY to \`up\`, or copy the key file to`,
    )
    terminal.print(`          ${layout.masterKey} (mode 0600); what needs no secret runs without it`)
  }
  const database =
    options.databaseUrl === undefined ? '' : ', with database.url of a config.yaml naming that database'
  terminal.print(`start it  SKYPILOT_PERSISTENT_PATH=${layout.root} npx skykeep up${database}`)
  return exitCodes.ok
}

function authenticityText(authenticity: Authenticity, keyVersion: number | null): string {
  switch (authenticity) {
    case 'authentic':
      return `v${keyVersion ?? 0} proves that nobody changed it`
    case 'forged':
      return 'the signature does not hold: it was changed, or signed with another key'
    case 'no-key':
      return `v${keyVersion ?? 0} is not here: damage can be found, a forgery cannot (--key-file FILE)`
    case 'unsigned':
      return 'it was made without a key: damage can be found, a forgery cannot'
  }
}

function progressOf(terminal: Terminal, check: () => void): (bytes: number) => void {
  const progress = new Progress(terminal, systemClock)
  return (bytes) => {
    check()
    progress.show('read', () => `read      ${size(bytes)}`)
  }
}

function migrationsOf(env: CliEnv): string {
  if (env.build !== undefined) return path.join(env.build, 'migrations')
  throw new SkykeepError('UNAVAILABLE', 'this command line does not know its build', {
    hint: 'Start it as `npx skykeep` from the clone.',
  })
}
