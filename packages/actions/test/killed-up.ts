import { upService } from '@skykeep/actions/services/up-service'
import { updateService } from '@skykeep/actions/services/update-service'
import { EventHub } from '@skykeep/actions/events/event-hub'
import { retentionWith } from '@skykeep/core/retention'
import { uploadLimits } from '@skykeep/core/upload-limits'
import type { ActionContext } from '@skykeep/actions/context'
import { openDatabase } from '@skykeep/db/connect'
import { createWatch } from '@skykeep/db/watch'
import { layoutOf } from '@skykeep/persistent-path/layout'
import { randomIds } from '@skykeep/testing/action-services'
import { systemClock } from '@skykeep/testing/system-clock'
import { serviceYaml } from './service-yaml.ts'

/**
 * Runs `up`, or `update` of the service that is named, and dies by SIGKILL where its transaction would begin. Arguments: database URL,
 * persistent path, service.
 */
const [url = '', root = '', service] = process.argv.slice(2)
const database = await openDatabase({ url, clock: systemClock })
const watch = await createWatch(database, { url })
const die = (): never => {
  process.kill(process.pid, 'SIGKILL')
  throw new Error('not reached')
}
const context: ActionContext = {
  db: Object.create(database, { transaction: { value: async () => die() } }) as ActionContext['db'],
  fence: 1,
  clock: systemClock,
  ids: randomIds,
  workspace: 'default',
  paths: layoutOf(root),
  uploadLimits,
  endpointHost: '127.0.0.1',
  isPortHeld: () => Promise.resolve(false),
  dashboardUrl: '',
  keyRing: die,
  events: new EventHub(database, watch),
  plane: {
    processes: async () => [],
    storage: async () => ({ state: 'ok', reason: '', freeBytes: 0, reserveBytes: 0 }),
    gateways: async () => [],
    recentGateways: async () => [],
    role: () => 'active',
    version: '',
    databaseLocation: '',
  },
  state: {
    examine: async () => die(),
    sizes: async () => die(),
    backups: async () => die(),
    work: die,
    begin: async () => die(),
    backupsFolder: '',
    backupsKept: die,
    limits: retentionWith({}),
    keyPlace: { source: 'file', place: '' },
  },
  replicaLog: die,
  issueSignInCode: async () => die(),
  issueToken: async () => die(),
  launchDrill: async () => die(),
  endSession: async () => die(),
  actor: { kind: 'session', userUid: 'usr_1', name: 'a', role: 'admin', credentialUid: 'ses_1' },
}
if (service === undefined) await upService(context, { yaml: serviceYaml({ name: 'killed' }) })
else await updateService(context, { name: service, yaml: serviceYaml({ name: service, run: 'changed' }) })
