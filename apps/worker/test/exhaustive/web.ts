import type { ActionContext } from '@skykeep/actions/context'
import { EventHub } from '@skykeep/actions/events/event-hub'
import { sweepInterruptedUps } from '@skykeep/actions/services/sweep-interrupted-ups'
import { retentionWith } from '@skykeep/core/retention'
import { uploadLimits } from '@skykeep/core/upload-limits'
import type { Database } from '@skykeep/db/handles'
import { parseKeyRing } from '@skykeep/secrets/key-ring'
import { Task } from '@skykeep/testing/simulation/task'
import { userUid } from './ground.ts'
import type { World } from './world.ts'

/** What a person asks for. */
export type Ask = (context: ActionContext) => Promise<unknown>

const keyRing = parseKeyRing(Buffer.alloc(32, 7).toString('base64'), 'the simulation')

/** A web process as far as actions need one: everything else of it is a client of the database. */
export function actionContext(world: World): ActionContext {
  const unused = (what: string) => (): never => {
    throw new Error(`${what} is not simulated`)
  }
  const { database, ground, ids, fence } = world
  return {
    // Each process has a handle of its own.
    db: { ...database },
    fence,
    clock: ground.clock,
    ids,
    workspace: 'default',
    paths: ground.layout,
    uploadLimits,
    endpointHost: '127.0.0.1',
    isPortHeld: async () => false,
    dashboardUrl: 'http://127.0.0.1:46580',
    keyRing: () => keyRing,
    events: new EventHub(database, noWatch(database)),
    plane: {
      processes: async () => [],
      storage: async () => ({ state: 'ok', reason: '', freeBytes: 1e12, reserveBytes: 0 }),
      gateways: async () => [],
      recentGateways: async () => [],
      role: () => 'active',
      version: '0.1.0',
      databaseLocation: 'simulated',
    },
    state: {
      examine: unused('an examination of the path'),
      sizes: unused('the size of the path'),
      backups: unused('a list of backups'),
      work: () => [],
      begin: unused('a backup'),
      backupsFolder: ground.layout.backupsDir,
      backupsKept: unused('how many backups stay'),
      limits: retentionWith({}),
      keyPlace: { source: 'file', place: ground.layout.masterKey },
    },
    replicaLog: unused('the log of a replica'),
    issueSignInCode: unused('signing in'),
    issueToken: unused('a token'),
    endSession: unused('signing out'),
    launchDrill: unused('a drill'),
    actor: { kind: 'session', userUid, name: 'person', role: 'admin', credentialUid: 'ses_0000000000000000' },
  }
}

function noWatch(_database: Database) {
  return { since: async function* () {}, onChange: () => () => undefined, close: async () => undefined }
}

/** A request of a person, served by a web process of its own. */
export function askTask(world: World, what: string, ask: Ask): Task {
  const { onPoint } = world.options
  return new Task({
    name: `web ${what}`,
    run: () => ask(actionContext(world)),
    ...(onPoint === undefined ? {} : { onPoint }),
  })
}

/** What a web process does before its first request. */
export async function startWeb(world: World): Promise<void> {
  const { ground, fence } = world
  await sweepInterruptedUps({ db: ground.database, fence, paths: ground.layout })
}
