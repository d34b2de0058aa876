import { mkdirSync } from 'node:fs'
import { serveControl } from '@skykeep/persistent-path/control'
import { foldersOf, layoutOf } from '@skykeep/persistent-path/layout'
import { selfIdentity } from '@skykeep/persistent-path/process-identity'
import { writeProcessRecord } from '@skykeep/persistent-path/runtime-files'
import { randomIds } from '@skykeep/secrets/random-ids'
import { createLog } from '@skykeep/telemetry/log'
import { openTracing } from '@skykeep/telemetry/traces/tracing'
import { controlRoutes, type ControlState } from './control-routes.ts'
import { readEnv } from './env.ts'
import { openWorker } from './open-worker.ts'
import { stopWithin } from './stopping.ts'
import { createWorkerTelemetry } from './telemetry.ts'
import { workerClock } from './worker-clock.ts'

process.umask(0o077)
const env = readEnv()
const layout = layoutOf(env.persistentPath)
const self = selfIdentity()
const state: ControlState = {
  planeUid: randomIds.uid('plane'),
  startedAtMs: workerClock.now(),
  fence: env.fence,
  worker: undefined,
}
const base = { process: 'worker', pid: self.pid, plane: state.planeUid }
const log = createLog({ base, isReadable: process.stderr.isTTY })
const tracing = await openTracing({ process: 'worker', endpoint: env.otlpEndpoint })
const telemetry = createWorkerTelemetry({ tracing, state })
for (const folder of foldersOf(layout)) mkdirSync(folder, { recursive: true, mode: 0o700 })
const socket = layout.socket('worker')
// Health first: migrations may take longer than a supervisor's patience.
const control = await serveControl(socket, controlRoutes(layout, state, telemetry.metrics))
writeProcessRecord(layout, {
  ...self,
  name: 'worker',
  socket,
  startedAtMs: state.startedAtMs,
  build: env.build,
})
stopWithin(log, await openWorker({ env, layout, log, self, state, control, telemetry }))
