import { mkdirSync } from 'node:fs'
import { createWatch } from '@skykeep/db/watch'
import { serveControl } from '@skykeep/persistent-path/control'
import { foldersOf, layoutOf } from '@skykeep/persistent-path/layout'
import { selfIdentity } from '@skykeep/persistent-path/process-identity'
import { removeProcessRecord, writeProcessRecord } from '@skykeep/persistent-path/runtime-files'
import { randomIds } from '@skykeep/secrets/random-ids'
import { createLog } from '@skykeep/telemetry/log'
import { buildWorker } from './container.ts'
import { controlRoutes, type ControlState } from './control-routes.ts'
import { readEnv } from './env.ts'
import { exitCodes, stopWithin } from './stopping.ts'
import { startHeartbeat } from './start-heartbeat.ts'
import { takeOver } from './take-over.ts'
import { workerClock } from './worker-clock.ts'

process.umask(0o077)
const env = readEnv()
const layout = layoutOf(env.persistentPath)
const self = selfIdentity()
const planeUid = randomIds.uid('plane')
const log = createLog({ base: { process: 'worker', pid: self.pid } })
const state: ControlState = { planeUid, startedAtMs: workerClock.now(), fence: env.fence, worker: undefined }
for (const folder of foldersOf(layout)) mkdirSync(folder, { recursive: true, mode: 0o700 })
const socket = layout.socket('worker')
// Health first: migrations may take longer than a supervisor's patience.
const control = await serveControl(socket, controlRoutes(layout, state))
writeProcessRecord(layout, {
  ...self,
  name: 'worker',
  socket,
  startedAtMs: state.startedAtMs,
  build: env.build,
})

const leave = (code: number, message: string, error?: unknown): never => {
  log.error({ err: error }, message)
  removeProcessRecord(layout, 'worker', self)
  process.exit(code)
}
const onFenced = (error?: unknown): never =>
  leave(exitCodes.fenced, 'another plane took over: this worker ends', error)

const taken = await takeOver(env, log, { self, planeUid }).catch((error: unknown) =>
  leave(exitCodes.failed, 'cannot take over', error),
)
const { database, fence } = taken
state.fence = fence
const heartbeat = await startHeartbeat({
  leaseMs: env.leaseMs,
  databaseUrl: env.databaseUrl,
  fence,
  planeUid,
  onFailure: (error) => state.worker?.storage.noteFailure(error),
  onFenced,
  onDeath: (error) => leave(exitCodes.failed, 'the heartbeat thread died', error),
})
const worker = buildWorker({ env, layout, log, heartbeat, onFenced, ...taken })
state.worker = worker
const watch = await createWatch(database, { url: env.databaseUrl })
watch.onChange(() => worker.noteChange())
worker.start()
log.info({ fence, planeUid, trigger: taken.trigger }, 'controllers are running')

stopWithin(log, async (graceMs) => {
  const isDrained = await worker.stop(graceMs)
  await Promise.all([heartbeat.stop(), watch.close(), control.close()])
  removeProcessRecord(layout, 'worker', self)
  await database.close()
  return isDrained
})
