import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { EventHub } from '@skykeep/actions/events/event-hub'
import type { ActionContext, ActionServices } from '@skykeep/actions/context'
import type { StateKeeper, StateWork, StoredBackup } from '@skykeep/actions/state-keeper'
import { uploadLimits } from '@skykeep/core/upload-limits'
import type { AuthServices } from '@skykeep/auth/auth-services'
import { endSession } from '@skykeep/auth/sessions'
import { issueSignInCode } from '@skykeep/auth/sign-in'
import { issueToken } from '@skykeep/auth/tokens'
import { roles, type Actor, type Role } from '@skykeep/core/actor'
import type { Clock } from '@skykeep/core/clock'
import { SkykeepError } from '@skykeep/core/errors'
import type { IdSource } from '@skykeep/core/ids'
import type { DoctorView, StateWorkView } from '@skykeep/core/state-views'
import type { ProcessView, SystemView } from '@skykeep/core/views'
import { raiseFence } from '@skykeep/db/fence'
import { getInstallation } from '@skykeep/db/installation'
import type { Db } from '@skykeep/db/handles'
import { insertUser, userUidsNamed } from '@skykeep/db/users'
import { createWatch } from '@skykeep/db/watch'
import type { LogSource } from '@skykeep/logs/log-source'
import { retentionWith } from '@skykeep/core/retention'
import { type Layout, layoutOf, foldersOf } from '@skykeep/persistent-path/layout'
import { parseKeyRing } from '@skykeep/secrets/key-ring'
import type { TestDatabase } from './databases.ts'
import { systemClock } from './system-clock.ts'

export const randomIds: IdSource = {
  uid: (prefix) => `${prefix}_${randomBytes(12).toString('hex')}`,
  secret: () => randomBytes(32).toString('base64url'),
}

/** What a test may set of the world outside of the database. */
export interface PlaneState {
  storage: SystemView['storage']
  processes: readonly ProcessView[]
  /** True: no process of a drill can be started. */
  isDrillRefused: boolean
  /** Uids of the drills that were started, in order. */
  readonly launchedDrills: string[]
  /** What an examination of the path finds; null: it cannot be made. */
  findings: DoctorView['findings'] | null
  backups: readonly StoredBackup[]
  /** Work on the state that is under way. */
  work: readonly StateWorkView[]
  /** True: no process that works on the state can be started. */
  isWorkRefused: boolean
  /** Work that was begun, in order. */
  readonly begunWork: StateWork[]
}

export interface ActionWorld {
  readonly services: ActionServices
  readonly auth: AuthServices
  readonly plane: PlaneState
  readonly layout: ReturnType<typeof layoutOf>
  /** A context of the user with this role; each role has one user. */
  as(role: Role): ActionContext
  close(): Promise<void>
}

const emptyLog: LogSource = {
  read: async ({ offset }) => ({
    offset,
    bytes: new Uint8Array(),
    nextOffset: offset,
    firstOffset: 0,
    isEnded: true,
  }),
  async *follow() {},
  times: async () => null,
}

export interface ActionWorldOptions {
  readonly clock?: Clock
  readonly log?: LogSource
  /** The persistent path of a world that another process has made on this database: its fence and users hold. */
  readonly joins?: string
}

/** Everything that actions need, on a migrated database and a persistent path of its own, with one user a role. */
export async function createActionWorld(
  { database, url }: TestDatabase,
  options: ActionWorldOptions = {},
): Promise<ActionWorld> {
  const root = options.joins ?? mkdtempSync(path.join(tmpdir(), 'skykeep-actions-'))
  const layout = layoutOf(root)
  for (const folder of foldersOf(layout)) mkdirSync(folder, { recursive: true, mode: 0o700 })
  const clock = options.clock ?? systemClock
  const isJoined = options.joins !== undefined
  const fence = isJoined ? (await getInstallation(database)).fence : await raiseFence(database)
  const auth: AuthServices = { db: database, fence, clock, ids: randomIds }
  const actors = isJoined ? await actorsOf(database) : await createActors(auth)
  const watch = await createWatch(database, { url })
  const plane: PlaneState = {
    storage: { state: 'ok', reason: '', freeBytes: 1e12, reserveBytes: 64 << 20 },
    processes: [],
    isDrillRefused: false,
    launchedDrills: [],
    findings: [],
    backups: [],
    work: [],
    isWorkRefused: false,
    begunWork: [],
  }
  const ring = parseKeyRing(randomBytes(32).toString('base64'), 'the test')
  const services: ActionServices = {
    ...auth,
    workspace: 'default',
    paths: layout,
    uploadLimits,
    endpointHost: '127.0.0.1',
    isPortHeld: () => Promise.resolve(false),
    dashboardUrl: 'http://127.0.0.1:46580',
    keyRing: () => ring,
    events: new EventHub(database, watch),
    plane: {
      processes: async () => plane.processes,
      storage: async () => plane.storage,
      gateways: async () => [],
      recentGateways: async () => [],
      role: () => 'active',
      version: '0.1.0',
      databaseLocation: database.kind,
    },
    state: stateKeeperOf(plane, layout),
    replicaLog: () => options.log ?? emptyLog,
    issueSignInCode: (userUid) => issueSignInCode(auth, userUid),
    issueToken: (userUid, wish) => issueToken(auth, userUid, wish),
    endSession: (uid) => endSession(auth, uid),
    launchDrill: async (drill) => {
      if (plane.isDrillRefused) throw new Error('no process can be started')
      plane.launchedDrills.push(drill.uid)
    },
  }
  return {
    services,
    auth,
    plane,
    layout,
    as: (role) => ({ ...services, actor: actors[role] }),
    async close() {
      await watch.close()
      if (!isJoined) rmSync(root, { recursive: true, force: true })
    },
  }
}

function stateKeeperOf(plane: PlaneState, { backupsDir, masterKey }: Layout): StateKeeper {
  return {
    examine: async () => {
      if (plane.findings !== null) return { atMs: 1, findings: plane.findings }
      throw new SkykeepError('UNAVAILABLE', 'no path to examine')
    },
    sizes: async () => ({
      atMs: 1,
      walBytes: 4096,
      parts: [{ name: 'logs', bytes: 8192, files: 2, isCutShort: false }],
    }),
    backups: async () => plane.backups,
    work: () => plane.work,
    begin: async (work) => {
      if (plane.isWorkRefused) throw new Error('no process can be started')
      plane.begunWork.push(work)
    },
    backupsFolder: backupsDir,
    backupsKept: () => 7,
    limits: retentionWith({ events: 5000 }),
    keyPlace: { source: 'file', place: masterKey },
  }
}

async function createActors({ db, ids }: AuthServices): Promise<Readonly<Record<Role, Actor>>> {
  await db.transaction(async (tx) => {
    for (const role of roles) await insertUser(tx, { uid: ids.uid('usr'), name: nameOf(role), role })
  })
  return await actorsOf(db)
}

async function actorsOf(db: Db): Promise<Readonly<Record<Role, Actor>>> {
  const actorOf = async (role: Role): Promise<Actor> => {
    const name = nameOf(role)
    const [userUid = ''] = await userUidsNamed(db, name)
    return { kind: 'session', userUid, name, role, credentialUid: `ses_${role}` }
  }
  return { admin: await actorOf('admin'), user: await actorOf('user'), viewer: await actorOf('viewer') }
}

const nameOf = (role: Role): string => `the-${role}`
