import { userInfo } from 'node:os'
import path from 'node:path'
import { ensureFirstAdmin } from '@skykeep/auth/first-admin'
import { ensureLocalToken } from '@skykeep/auth/local-token'
import type { Clock } from '@skykeep/core/clock'
import { isSkykeepError } from '@skykeep/core/errors'
import type { IdSource } from '@skykeep/core/ids'
import { openDatabase } from '@skykeep/db/connect'
import { raiseFence } from '@skykeep/db/fence'
import type { Database } from '@skykeep/db/handles'
import { ensureInstallation, setKeyCheck } from '@skykeep/db/installation'
import { migrate } from '@skykeep/db/migrate'
import type { Layout } from '@skykeep/persistent-path/layout'
import { requireSameInstallation } from '@skykeep/persistent-path/path-state'
import { dropDeadIntent, finishIncomingMove } from '@skykeep/state/move/finish-move'
import { createKeyFile, createSecretFile, loadKeyRing } from '@skykeep/secrets/key-file'
import { deriveKey, keyCheckValue, verifyKeyCheck } from '@skykeep/secrets/key-ring'
import { programVersion } from './program-version.ts'

export interface BootstrapOptions {
  readonly layout: Layout
  readonly databaseUrl: string
  /** Build folder: holds the migrations. */
  readonly build: string
  readonly givenMasterKey: string | undefined
  readonly clock: Clock
  readonly ids: IdSource
  readonly say: (line: string) => void
}

/**
 * Brings the state up to date under the instance lock: schema, keys, first admin, the command line's token. Does nothing
 * that is done already. A lost master key is said and stops nothing else here. Throws what the database throws.
 */
export async function bootstrap(options: BootstrapOptions): Promise<void> {
  const { databaseUrl, build, clock, say } = options
  if (await finishIncomingMove(options.layout)) say('brought a move to this path to its end')
  if (dropDeadIntent(options.layout)) say('a move of this path was given up: the state is here')
  const migrationsDir = path.join(build, 'migrations')
  await migrate({ url: databaseUrl, migrationsDir, clock, programVersion, log: say })
  await withDatabase(options, async (database) => {
    const installation = await ensureInstallation(database, options.ids.uid('ins'))
    requireSameInstallation(options.layout, { installationId: installation.uid, epoch: installation.epoch })
    await prepareKeys(database, installation.keyCheck, options)
    const auth = { db: database, fence: installation.fence, clock, ids: options.ids }
    const admin = await ensureFirstAdmin(auth, userInfo().username)
    await ensureLocalToken(auth, admin.uid, { path: options.layout.localToken, create: createSecretFile })
  })
}

/** Takes the next fencing number of the installation, unless `requireStill` throws. */
export async function raiseInstallationFence(
  options: BootstrapOptions,
  atLeast: number,
  requireStill: () => void,
): Promise<number> {
  return await withDatabase(options, async (database) => await raiseFence(database, atLeast, requireStill))
}

async function withDatabase<T>(
  options: BootstrapOptions,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const database = await openDatabase({ url: options.databaseUrl, clock: options.clock })
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}

async function prepareKeys(
  database: Database,
  keyCheck: string | null,
  options: BootstrapOptions,
): Promise<void> {
  const { layout, givenMasterKey, say } = options
  if (keyCheck === null && givenMasterKey === undefined) createKeyFile(layout.masterKey)
  try {
    const ring = loadKeyRing({ file: layout.masterKey, given: givenMasterKey })
    if (keyCheck !== null) verifyKeyCheck(ring, keyCheck)
    else await database.transaction((tx) => setKeyCheck(tx, keyCheckValue(ring.current)))
    createSecretFile(layout.gatewayKey, `${deriveKey(ring.current, 'gateway routes').toString('hex')}\n`)
  } catch (error) {
    if (!isSkykeepError(error, 'KEY_MISSING')) throw error
    say(`warning   ${error.userMessage}`)
    say('          Services without secrets go on; whatever needs a secret waits for the key.')
  }
}
