import { userInfo } from 'node:os'
import type { ActionServices } from '@skykeep/actions/context'
import { sweepInterruptedUps } from '@skykeep/actions/services/sweep-interrupted-ups'
import { uploadLimits } from '@skykeep/core/upload-limits'
import { AttemptLimit } from '@skykeep/auth/attempt-limit'
import type { AuthServices } from '@skykeep/auth/auth-services'
import { ensureFirstAdmin } from '@skykeep/auth/first-admin'
import { ensureLocalToken } from '@skykeep/auth/local-token'
import { endSession } from '@skykeep/auth/sessions'
import { issueSignInCode } from '@skykeep/auth/sign-in'
import { issueToken } from '@skykeep/auth/tokens'
import type { Clock } from '@skykeep/core/clock'
import { isSkykeepError } from '@skykeep/core/errors'
import { openDatabase } from '@skykeep/db/connect'
import { databaseKindOf, sqliteFileOf } from '@skykeep/db/database-url'
import type { Database } from '@skykeep/db/handles'
import { ensureInstallation, getInstallation, latestMigration } from '@skykeep/db/installation'
import { migrate } from '@skykeep/db/migrate'
import { createWatch, type Watch } from '@skykeep/db/watch'
import { type Layout, layoutOf } from '@skykeep/persistent-path/layout'
import { createSecretFile, loadKeyRing } from '@skykeep/secrets/key-file'
import { randomIds } from '@skykeep/secrets/random-ids'
import { systemClock } from '@skykeep/telemetry/system-clock'
import packageJson from '../../package.json' with { type: 'json' }
import { listeningPort, readEnv, type WebEnv } from './env.ts'
import { watchFence } from './fence-watch.ts'
import { launchDrillIn } from './launch-drill.ts'
import { PlaneChanges } from './plane-changes.ts'
import { PlaneHub } from './plane-hub.ts'
import { observeDatabase } from './observe-database.ts'
import { createPlaneReader } from './plane-reader.ts'
import { logLine } from './process-log.ts'
import { isPortHeld } from './port-probe.ts'
import { replicaLogs } from './replica-logs.ts'
import { createStateKeeper } from './state-keeper.ts'

/** Everything that a request needs, built once a process. */
export interface Container {
  readonly services: ActionServices
  readonly auth: AuthServices
  readonly attempts: AttemptLimit
  readonly watch: Watch
  /** True until another plane raised the fencing number. */
  readonly isActive: () => boolean
}

const clock: Clock = systemClock

/** Opens the state and builds the container; throws UNAVAILABLE or STORAGE_DEGRADED when the state cannot be had now. */
export async function buildContainer(): Promise<Container> {
  const env = readEnv()
  const layout = layoutOf(env.persistentPath)
  const db = await openState(env)
  try {
    const watch = await createWatch(db, { url: env.databaseUrl })
    const fence = env.fence ?? (await installationFence(db))
    const auth: AuthServices = { db, fence, clock, ids: randomIds }
    await unlessUnwritable(ensureIdentity(auth, layout))
    const { isActive } = watchFence({ db, watch, fence, isSupervised: env.fence !== null })
    const services = buildServices({ env, layout, auth, watch, isActive })
    await unlessUnwritable(sweepInterruptedUps(services))
    return { services, auth, attempts: new AttemptLimit(clock), watch, isActive }
  } catch (error) {
    await db.close()
    throw error
  }
}

interface Parts {
  readonly env: WebEnv
  readonly layout: Layout
  readonly auth: AuthServices
  readonly watch: Watch
  readonly isActive: () => boolean
}

function buildServices({ env, layout, auth, watch, isActive }: Parts): ActionServices {
  const plane = createPlaneReader({
    layout,
    role: () => (isActive() ? 'active' : 'standby'),
    version: packageJson.version,
    databaseLocation: locationOf(env.databaseUrl),
  })
  const state = createStateKeeper({ layout, ...env }, env)
  return {
    ...auth,
    plane,
    state,
    workspace: 'default',
    paths: layout,
    uploadLimits,
    endpointHost: '127.0.0.1',
    isPortHeld,
    dashboardUrl: `http://127.0.0.1:${listeningPort()}`,
    keyRing: () => loadKeyRing({ file: layout.masterKey, given: env.masterKey }),
    events: new PlaneHub(auth.db, watch, new PlaneChanges({ ...plane, work: state.work })),
    replicaLog: replicaLogs(layout),
    issueSignInCode: (userUid) => issueSignInCode(auth, userUid),
    issueToken: (userUid, wish) => issueToken(auth, userUid, wish),
    endSession: (uid) => endSession(auth, uid),
    launchDrill: launchDrillIn({ layout, ...env }),
  }
}

/** Migrates and opens. A disk that takes no write is no reason not to read what is there. */
async function openState(env: WebEnv): Promise<Database> {
  const { databaseUrl: url, migrationsDir } = env
  const isMigrated = await unlessUnwritable(
    migrate({
      url,
      migrationsDir,
      clock,
      programVersion: packageJson.version,
      log: (line) => logLine('info', line),
    }),
  )
  const db = await openDatabase({ url, clock, observer: observeDatabase() })
  if (!isMigrated) {
    // Throws when there is nothing to read; then the caller tries again later.
    await latestMigration(db)
  }
  return db
}

async function installationFence(db: Database): Promise<number> {
  try {
    return (await getInstallation(db)).fence
  } catch (error) {
    if (!isSkykeepError(error, 'NOT_FOUND')) throw error
    return (await ensureInstallation(db, randomIds.uid('ins'))).fence
  }
}

async function ensureIdentity(auth: AuthServices, layout: Layout): Promise<void> {
  const admin = await ensureFirstAdmin(auth, osUserName())
  await ensureLocalToken(auth, admin.uid, { path: layout.localToken, create: createSecretFile })
}

/** True when it was done; false when the storage takes no write now. Other errors go on. */
async function unlessUnwritable(writing: Promise<unknown>): Promise<boolean> {
  try {
    await writing
    return true
  } catch (error) {
    if (!isSkykeepError(error, 'STORAGE_DEGRADED')) throw error
    logLine('warn', 'the storage takes no write now; what is there is shown', error)
    return false
  }
}

function osUserName(): string {
  try {
    return userInfo().username
  } catch {
    return 'admin'
  }
}

/** Where the database is, without credentials. */
function locationOf(url: string): string {
  if (databaseKindOf(url) === 'sqlite') return sqliteFileOf(url)
  const { protocol, host, pathname } = new URL(url)
  return `${protocol}//${host}${pathname}`
}
