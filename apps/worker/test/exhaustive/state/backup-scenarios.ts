import { copyFileSync, existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { isSkykeepError } from '@skykeep/core/errors'
import { readIncoming, readPathInstallation, requireWhole } from '@skykeep/persistent-path/path-state'
import { loadKeyRing } from '@skykeep/secrets/key-file'
import type { KeyRing } from '@skykeep/secrets/key-ring'
import { backUp } from '@skykeep/state/backup/back-up'
import { listBackups, pruneBackups } from '@skykeep/state/backup/backup-files'
import { restoreBackup } from '@skykeep/state/backup/restore-backup'
import { verifyBackup } from '@skykeep/state/backup/verify-backup'
import { recordEvent } from '@skykeep/state/record-event'
import { migrationsDir, programVersion } from '@skykeep/testing/migrations'
import { fillPath, unreadable } from './filled-path.ts'
import { differing, filesOf, type Rows, rowsOf, type StatePlace } from './place.ts'
import type { StateScenario } from './state-scenario.ts'

const kept = 2
/** What this verb adds to the log, and nothing else. */
const logTables = new Set(['events', 'event_sequence'])

interface Before {
  rows: Rows
  files: string
}

function keysOf({ layout }: StatePlace): KeyRing {
  return loadKeyRing({ file: layout.masterKey })
}

async function back(place: StatePlace, target: string): Promise<string> {
  const { layout, url, clock } = place
  const { file } = await backUp({
    layout,
    databaseUrl: url,
    target,
    hasLogs: true,
    keys: keysOf(place),
    configText: 'web:\n  port: 46580\n',
    programVersion,
    clock,
  })
  return file
}

async function isIdentical(place: StatePlace, file: string): Promise<boolean> {
  const verdict = await verifyBackup({
    file,
    keys: keysOf(place),
    tmpDir: place.folder,
    migrationsDir,
    programVersion,
    clock: place.clock,
  })
  return verdict.isIdentical && verdict.authenticity === 'authentic'
}

async function harm(place: StatePlace, before: Before): Promise<readonly string[]> {
  const rows = await rowsOf(place.layout)
  const events = (before.rows['events'] ?? []).filter((line) => rows['events']?.includes(line) !== true)
  const without = (all: Rows): Rows =>
    Object.fromEntries(Object.entries(all).filter(([name]) => !logTables.has(name)))
  return [
    ...differing('the source', without(before.rows), without(rows)),
    ...events.map((line) => `lost event: ${line}`),
    ...(filesOf(place.layout) === before.files ? [] : ['the files of the source differ']),
  ]
}

async function badBackups(place: StatePlace): Promise<readonly string[]> {
  const broken: string[] = []
  for (const { file } of await listBackups(place.layout.backupsDir))
    if (!(await isIdentical(place, file))) broken.push(`half a backup is listed: ${file}`)
  return broken
}

export function backupScenario(): StateScenario {
  const before: Before = { rows: {}, files: '' }
  return {
    name: 'backup',
    build: async (place) => {
      await fillPath(place)
      for (let made = 0; made < kept; made += 1) {
        await back(place, place.layout.backupsDir)
        place.clock.pass(1000)
      }
      before.rows = await rowsOf(place.layout)
      before.files = filesOf(place.layout)
    },
    ask: async (place) => {
      const file = await back(place, place.layout.backupsDir)
      const message = `The state was backed up to ${file}.`
      await recordEvent(place.url, place.clock, { type: 'state.backed-up', message, payload: { file } })
      await pruneBackups(place.layout.backupsDir, 'ins_0000000000000000', kept)
    },
    brokenByDeath: async (place) => [...(await badBackups(place)), ...(await harm(place, before))],
    missing: async (place) => {
      const backups = await listBackups(place.layout.backupsDir)
      const said = (await rowsOf(place.layout))['events']?.filter((line) => line.includes('state.backed-up'))
      return [
        ...(await badBackups(place)),
        ...(await harm(place, before)),
        ...(backups.length === kept ? [] : [`${backups.length} backups, not ${kept}`]),
        ...(said?.some((line) => line.includes(backups[0]?.file ?? '-')) === true
          ? []
          : ['no event tells of the backup']),
      ]
    },
  }
}

const archiveOf = (place: StatePlace): string => join(place.folder, 'kept.tar.zst')

async function buildArchive(place: StatePlace, before: Before): Promise<void> {
  await fillPath(place)
  before.rows = await rowsOf(place.layout)
  before.files = filesOf(place.layout)
  copyFileSync(await back(place, place.folder), archiveOf(place))
  for (const name of readdirSync(place.folder))
    if (name.startsWith('skykeep-')) copyFileSync(join(place.folder, name), archiveOf(place))
}

export function verifyScenario(): StateScenario {
  const before: Before = { rows: {}, files: '' }
  let isFine = false
  return {
    name: 'verify',
    build: (place) => buildArchive(place, before),
    ask: async (place) => {
      const { tmpDir } = place.layout
      const all = { migrationsDir, programVersion, clock: place.clock, keys: keysOf(place) }
      isFine = (await verifyBackup({ file: archiveOf(place), tmpDir, ...all })).isIdentical
    },
    brokenByDeath: (place) => harm(place, before),
    missing: async (place) => [
      ...(isFine ? [] : ['the backup is not found to be what it is']),
      ...(await harm(place, before)),
    ],
  }
}

export function restoreScenario(): StateScenario {
  const before: Before = { rows: {}, files: '' }
  const isWhole = ({ target }: StatePlace): boolean =>
    readPathInstallation(target) !== undefined && readIncoming(target) === undefined
  return {
    name: 'restore',
    build: (place) => buildArchive(place, before),
    ask: async (place) => {
      try {
        await restoreBackup({
          file: archiveOf(place),
          root: place.target.root,
          databaseUrl: undefined,
          keys: keysOf(place),
          shouldKeepKeys: true,
          migrationsDir,
          programVersion,
          clock: place.clock,
        })
      } catch (error) {
        // Its last act was done before it died: the place is in use now.
        if (!isSkykeepError(error, 'CONFLICT') || !isWhole(place)) throw error
      }
    },
    brokenByDeath: async (place) => {
      const broken = [...(await harm(place, before))]
      if (!existsSync(place.target.stateDb) || isWhole(place)) return broken
      try {
        requireWhole(place.target)
        broken.push('half a restore can be started')
      } catch (error) {
        if (!isSkykeepError(error, 'CONFLICT')) throw error
      }
      return broken
    },
    missing: async (place) => {
      const { target } = place
      const rows = await rowsOf(target)
      const kept = new Set(['services', 'service_versions', 'service_secrets', 'users', 'endpoints'])
      const of = (all: Rows): Rows =>
        Object.fromEntries(
          Object.entries(all)
            .filter(([name]) => kept.has(name))
            .map(([name, lines]) => [
              name,
              lines.map((line) => line.replace(/"next_replica_id":\d+/, '"next_replica_id":0')),
            ]),
        )
      const events = rows['events'] ?? []
      return [
        ...(isWhole(place) ? [] : ['the restored place is not whole']),
        ...differing('restored', of(before.rows), of(rows)),
        ...(before.rows['events'] ?? [])
          .filter((line) => !events.includes(line))
          .map((line) => `lost: ${line}`),
        ...(events.filter((line) => line.includes('state.restored')).length === 1
          ? []
          : ['not one event tells of the restore']),
        ...(readPathInstallation(target)?.epoch === 2 ? [] : ['the epoch is not the next one']),
        ...(filesOf(target, false) === filesOf(place.layout, false) ? [] : ['the restored files differ']),
        ...(await unreadable(place, target)),
        ...(await harm(place, before)),
      ]
    },
  }
}
