import { createWatch } from '@skykeep/db/watch'
import type { ControlServer } from '@skykeep/persistent-path/control'
import type { Layout } from '@skykeep/persistent-path/layout'
import type { ProcessIdentity } from '@skykeep/persistent-path/process-identity'
import { removeProcessRecord } from '@skykeep/persistent-path/runtime-files'
import type { Log } from '@skykeep/telemetry/log'
import { buildWorker } from './container.ts'
import type { ControlState } from './control-routes.ts'
import type { WorkerEnv } from './env.ts'
import { exitCodes } from './stopping.ts'
import { startHeartbeat } from './start-heartbeat.ts'
import { takeOver } from './take-over.ts'
import type { WorkerTelemetry } from './telemetry.ts'

export interface Opening {
  readonly env: WorkerEnv
  readonly layout: Layout
  readonly log: Log
  readonly self: ProcessIdentity
  readonly state: ControlState
  readonly control: ControlServer
  readonly telemetry: WorkerTelemetry
}

/** Takes over what is there and starts every controller. @returns how to stop them. */
export async function openWorker(opening: Opening): Promise<(graceMs: number) => Promise<boolean>> {
  const { env, layout, log, self, state, control, telemetry } = opening
  const { planeUid } = state
  const leave = (code: number, message: string, error?: unknown): never => {
    log.error({ err: error }, message)
    removeProcessRecord(layout, 'worker', self)
    process.exit(code)
  }
  const onFenced = (error?: unknown): never =>
    leave(exitCodes.fenced, 'another plane took over: this worker ends', error)

  const taken = await takeOver(env, log, { self, planeUid, observer: telemetry.database }).catch(
    (error: unknown) => leave(exitCodes.failed, 'cannot take over', error),
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
  const worker = buildWorker({ env, layout, log, heartbeat, onFenced, telemetry, ...taken })
  state.worker = worker
  const watch = await createWatch(database, { url: env.databaseUrl })
  watch.onChange(() => worker.noteChange())
  worker.start()
  log.info({ fence, planeUid, trigger: taken.trigger }, 'controllers are running')
  return async (graceMs) => {
    const isDrained = await worker.stop(graceMs)
    await Promise.all([heartbeat.stop(), watch.close(), control.close()])
    removeProcessRecord(layout, 'worker', self)
    await Promise.all([database.close(), telemetry.tracing.stop()])
    return isDrained
  }
}
