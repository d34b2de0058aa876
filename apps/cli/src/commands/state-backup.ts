import { readFileSync } from 'node:fs'
import path from 'node:path'
import { SkykeepError } from '@skykeep/core/errors'
import { configDefaults } from '@skykeep/persistent-path/config-keys'
import { requireNotMoved } from '@skykeep/persistent-path/path-state'
import { backUp } from '@skykeep/state/backup/back-up'
import { listBackups, pruneBackups } from '@skykeep/state/backup/backup-files'
import type { BackupProgress } from '@skykeep/state/backup/progress'
import { redactUrl } from '@skykeep/state/where'
import { systemClock } from '@skykeep/telemetry/system-clock'
import { findPlace, type Place } from '../client/plane.ts'
import { stoppable } from '../client/stoppable.ts'
import type { CliEnv } from '../env.ts'
import { Progress } from '../output/progress.ts'
import { size } from '../output/size.ts'
import { openTerminal } from '../output/terminal.ts'
import { programVersion } from '../plane/program-version.ts'
import { findKeys } from '../plane/keys.ts'
import { databaseUrlOf } from '../plane/settings.ts'
import { exitCodes } from './failure.ts'
import { failuresTold, tellOf } from './state-events.ts'

export interface StateBackupOptions {
  readonly to?: string
  readonly withoutLogs?: boolean
  readonly withKeys?: boolean
  /** Whose wish it is, where the dashboard starts it: a user's uid. */
  readonly askedBy?: string
  readonly json?: boolean
}

/** `skykeep state backup`: makes a backup while everything goes on. */
export async function stateBackup(env: CliEnv, options: StateBackupOptions): Promise<number> {
  if (options.withKeys === true) {
    throw new SkykeepError('UNSUPPORTED', '--with-keys: a backup never holds the key that opens it', {
      hint: 'Keep keys/master.key (or SKYKEEP_MASTER_KEY) apart from the backups; `state restore --key-file` takes it.',
    })
  }
  const terminal = openTerminal(env)
  const place = findPlace(env)
  const { layout } = place
  requireNotMoved(layout)
  const databaseUrl = databaseUrlOf(place)
  const progress = new Progress(terminal, systemClock)
  const told = { terminal, databaseUrl, actor: options.askedBy }
  const stopped = 'stopped: no backup was made; what was written of it is gone, and nothing else was changed.'
  const result = await stoppable(terminal, { stopped }, (check) =>
    failuresTold(
      'backup',
      told,
      backUp({
        layout,
        databaseUrl,
        target: options.to === undefined ? layout.backupsDir : path.resolve(env.cwd, options.to),
        hasLogs: options.withoutLogs !== true,
        keys: findKeys(env, place),
        configText: configText(place),
        programVersion,
        clock: systemClock,
        onProgress: (now) => {
          check()
          progress.show(now.phase, () => progressText(now))
        },
        // Once it has its name it is a backup.
        onStep: (step) => (step === 'archive-named' ? undefined : check()),
      }),
    ),
  )
  const { file, bytes, manifest } = result
  const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0)
  await tellOf(told, {
    type: 'state.backed-up',
    message: `The state was backed up to ${file}.`,
    payload: { file, bytes, rows },
  })
  const kept = place.resolved.config.backupsKept ?? configDefaults.backupsKept
  const removed =
    options.to === undefined ? await pruneBackups(layout.backupsDir, manifest.installationId, kept) : []
  if (options.json === true) {
    const { tables: _tables, files, ...rest } = manifest
    terminal.json({ file, bytes, rows, files: files.length, removed, ...rest })
    return exitCodes.ok
  }
  terminal.print(`backup    ${file}`)
  terminal.print(
    `holds     ${rows} rows of ${manifest.database}, ${manifest.files.length} files; ${size(bytes)}`,
  )
  terminal.print(
    manifest.keyVersion === null
      ? 'key       none here: it is not authenticated'
      : `key       v${manifest.keyVersion} authenticates it; keep ${layout.masterKey} apart from it`,
  )
  for (const missing of manifest.missingVersions)
    terminal.note(`warning: ${missing} has no folder: that version cannot be launched after a restore`)
  if (removed.length > 0) terminal.print(`removed   ${removed.length} older (backup.keep is ${kept})`)
  return exitCodes.ok
}

/** `skykeep state backups`: what lies in backups/. */
export async function stateBackups(env: CliEnv, options: { readonly json?: boolean }): Promise<number> {
  const terminal = openTerminal(env)
  const { layout } = findPlace(env)
  const backups = await listBackups(layout.backupsDir)
  if (options.json === true) terminal.json(backups)
  else if (backups.length === 0) {
    terminal.print(`no backup in ${layout.backupsDir}; \`npx skykeep state backup\` makes one`)
  } else {
    terminal.table(backups, [
      { title: 'MADE', cell: ({ head }) => (head === null ? '-' : new Date(head.createdAtMs).toISOString()) },
      { title: 'SIZE', cell: ({ bytes }) => size(bytes) },
      { title: 'DATABASE', cell: ({ head }) => head?.database ?? 'not readable' },
      { title: 'KEY', cell: ({ head }) => (head?.keyVersion ? `v${head.keyVersion}` : '-') },
      { title: 'FILE', cell: ({ file }) => file, isFlexible: true },
    ])
  }
  return exitCodes.ok
}

function progressText({ phase, done, total }: BackupProgress): string {
  if (phase === 'snapshot') return 'snapshot  of the database …'
  if (phase === 'rows') return `rows      ${done} of ${total}`
  return `files     ${size(done)}`
}

/** For people only, with the password of the database out of it. */
function configText({ resolved }: Place): string | undefined {
  try {
    const text = readFileSync(resolved.configFile, 'utf8')
    const { databaseUrl } = resolved.config
    return databaseUrl === undefined ? text : text.replaceAll(databaseUrl, redactUrl(databaseUrl))
  } catch {
    return undefined
  }
}
