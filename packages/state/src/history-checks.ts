import type { Clock } from '@skykeep/core/clock'
import type { Database } from '@skykeep/db/handles'
import { getInstallation } from '@skykeep/db/installation'
import type { Layout } from '@skykeep/persistent-path/layout'
import { readIncoming, readMoved, readPathInstallation } from '@skykeep/persistent-path/path-state'
import type { KeySource } from '@skykeep/secrets/key-file'
import { listBackups } from './backup/backup-files.ts'
import type { Check } from './check.ts'
import { judgeBackups, judgeInstallation, judgeKeys } from './judge-history.ts'
import { keyNeeds } from './keys/drop-old-keys.ts'

/** Whether the state is here and whole; undefined: it is, and there is nothing to say. */
export function placeCheck(layout: Layout): Check | undefined {
  const moved = readMoved(layout)
  if (moved !== undefined) {
    const detail = `the state was moved to ${moved.to}; nothing starts here any more`
    return { name: 'place', status: 'fail', detail, fix: `Set SKYPILOT_PERSISTENT_PATH=${moved.to}` }
  }
  const incoming = readIncoming(layout)
  if (incoming === undefined) return undefined
  const detail = `a ${incoming.kind} from ${incoming.from} did not come to its end`
  const fix =
    incoming.kind === 'restore'
      ? 'Repeat the restore.'
      : `Start at ${incoming.from}, or repeat the move there.`
  return { name: 'place', status: 'fail', detail, fix }
}

/** Backups, keys in use, and what the path and its database say of each other. Reads only. */
export async function historyChecks(
  database: Database,
  source: { readonly layout: Layout; readonly keys: KeySource; readonly url: string; readonly clock: Clock },
): Promise<readonly Check[]> {
  const { layout, clock, keys, url } = source
  const installation = await getInstallation(database).catch(() => undefined)
  if (installation === undefined) return []
  const backups = await listBackups(layout.backupsDir)
  const newest = backups.find(({ head }) => head?.installationId === installation.uid)?.head?.createdAtMs
  const needs = await keyNeeds({ layout, given: keys.given, databaseUrl: url, clock }).catch(() => undefined)
  return [
    judgeInstallation(installation, readPathInstallation(layout)),
    judgeBackups(newest, installation.createdAtMs, clock.now()),
    ...(needs === undefined ? [] : [judgeKeys(needs)]),
  ]
}
