import { Worker } from 'node:worker_threads'
import { SkykeepError, errorCodes } from '@skykeep/core/errors'
import { createHeartbeatCells, ThreadLeaseKeeper } from '@skykeep/engine/heartbeat-thread'
import type { HeartbeatData, HeartbeatReport } from './heartbeat.ts'

export interface HeartbeatOptions extends Omit<HeartbeatData, 'cells'> {
  readonly onFailure: (error: SkykeepError) => void
  readonly onFenced: () => void
  /** The thread died: leases would run out one after the other. */
  readonly onDeath: (error: unknown) => void
}

export interface Heartbeat {
  readonly keeper: ThreadLeaseKeeper
  stop(): Promise<void>
}

/** Starts the thread that keeps this worker's leases, and waits until it has its own way to the database. */
export async function startHeartbeat(options: HeartbeatOptions): Promise<Heartbeat> {
  const { onFailure, onFenced, onDeath, ...rest } = options
  const wiring: HeartbeatData = { ...rest, cells: createHeartbeatCells() }
  const thread = new Worker(new URL('./heartbeat.ts', import.meta.url), { workerData: wiring })
  await new Promise<void>((resolve, reject) => {
    thread.on('error', (error) => {
      reject(error)
      onDeath(error)
    })
    // The thread sends nothing but these.
    thread.on('message', (report: HeartbeatReport) => {
      if (report.type === 'ready') resolve()
      else if (report.type === 'fenced') onFenced()
      else onFailure(errorOf(report))
    })
  })
  return {
    keeper: new ThreadLeaseKeeper(thread, wiring),
    stop: async () => void (await thread.terminate()),
  }
}

function errorOf({ code, message }: Extract<HeartbeatReport, { type: 'failed' }>): SkykeepError {
  return new SkykeepError(errorCodes.find((known) => known === code) ?? 'INTERNAL', message)
}
