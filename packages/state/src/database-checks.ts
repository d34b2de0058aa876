import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Clock } from '@skykeep/core/clock'
import { isSkykeepError } from '@skykeep/core/errors'
import { openDatabase } from '@skykeep/db/connect'
import { databaseKindOf, sqliteFileOf } from '@skykeep/db/database-url'
import type { Database } from '@skykeep/db/handles'
import { getInstallation, latestMigration } from '@skykeep/db/installation'
import type { Layout } from '@skykeep/persistent-path/layout'
import { type KeySource, loadKeyRing } from '@skykeep/secrets/key-file'
import { verifyKeyCheck } from '@skykeep/secrets/key-ring'
import { type Check, failedCheck } from './check.ts'
import { historyChecks } from './history-checks.ts'
import { judgeSchema } from './judge.ts'

export interface DatabaseCheckSource {
  readonly url: string
  /** Holds `sqlite/` and `postgresql/`; undefined where this program does not know its own migrations. */
  readonly migrationsDir: string | undefined
  readonly keys: KeySource
  readonly layout: Layout
  readonly clock: Clock
}

/** Schema and master key of an existing database. Opens it, changes nothing. */
export async function databaseChecks(source: DatabaseCheckSource): Promise<readonly Check[]> {
  if (databaseKindOf(source.url) === 'sqlite' && !existsSync(sqliteFileOf(source.url))) {
    return [{ name: 'schema', status: 'ok', detail: 'no database yet; the first start makes it' }]
  }
  let database: Database
  try {
    database = await openDatabase({ url: source.url, clock: source.clock, lockWaitMs: 5000 })
  } catch (error) {
    return [
      failedCheck(
        'schema',
        error,
        'Look at database.url, and whether the server runs or the disk is writable.',
      ),
    ]
  }
  try {
    return [
      await schemaCheck(database, source),
      await keyCheck(database, source),
      ...(await historyChecks(database, source).catch((error: unknown) => [
        failedCheck('history', error, 'Start Skykeep once: it migrates what it can.'),
      ])),
    ]
  } finally {
    await database.close()
  }
}

async function schemaCheck(database: Database, source: DatabaseCheckSource): Promise<Check> {
  try {
    return judgeSchema({
      applied: await latestMigration(database),
      newest: newestMigration(database, source),
    })
  } catch (error) {
    return failedCheck('schema', error, 'Start Skykeep once: it migrates what it can.')
  }
}

async function keyCheck(database: Database, source: DatabaseCheckSource): Promise<Check> {
  const name = 'master key'
  try {
    const { keyCheck: stored } = await getInstallation(database)
    if (stored === null) return { name, status: 'ok', detail: 'none was used yet' }
    verifyKeyCheck(loadKeyRing(source.keys), stored)
    return { name, status: 'ok', detail: 'is the one that the secrets were encrypted with' }
  } catch (error) {
    if (isSkykeepError(error, 'NOT_FOUND')) return { name, status: 'ok', detail: 'none was used yet' }
    const fix =
      isSkykeepError(error) && error.hint !== undefined ? error.hint : 'Start Skykeep once, then look again.'
    return failedCheck(name, error, fix)
  }
}

function newestMigration(database: Database, { migrationsDir }: DatabaseCheckSource): string {
  if (migrationsDir === undefined) return ''
  const folders = readdirSync(join(migrationsDir, database.kind), { withFileTypes: true })
  const names = folders.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  return names.toSorted().at(-1) ?? ''
}
