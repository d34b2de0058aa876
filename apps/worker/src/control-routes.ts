import { statfsSync } from 'node:fs'
import { SkykeepError } from '@skykeep/core/errors'
import { ControlText, type ControlRoutes } from '@skykeep/persistent-path/control'
import type { Layout } from '@skykeep/persistent-path/layout'
import { expositionType } from '@skykeep/telemetry/metrics/exposition'
import type { ProcessMetrics } from '@skykeep/telemetry/metrics/registry'
import type { Worker } from './container.ts'

export interface ControlState {
  readonly planeUid: string
  readonly startedAtMs: number
  fence: number | null
  /** Undefined until the database is open. */
  worker: Worker | undefined
}

/** What the worker says of itself on its control socket, and the one thing that a gateway asks of it. */
export function controlRoutes(
  layout: Layout,
  state: ControlState,
  metrics: Pick<ProcessMetrics, 'text'>,
): ControlRoutes {
  return {
    'GET /health': () => ({ pid: process.pid, isStarted: state.worker !== undefined }),
    'GET /status': () => {
      const { worker } = state
      const storage = worker?.storage.state ?? { state: 'ok', reason: '', sinceMs: null }
      return {
        planeUid: state.planeUid,
        pid: process.pid,
        startedAtMs: state.startedAtMs,
        fence: state.fence,
        storage: { ...storage, freeBytes: freeBytes(layout.root) },
        running: worker?.engine.running ?? 0,
        tableVersion: worker?.publisher.table?.version ?? 0,
        gateways: worker?.publisher.gateways.seen ?? [],
        orphans: worker?.sweep.orphans ?? [],
      }
    },
    'GET /metrics': async () => new ControlText(expositionType, await metrics.text()),
    'POST /wake': async ({ body }) => {
      const { worker } = state
      if (worker === undefined) throw new SkykeepError('UNAVAILABLE', 'the controllers are not running yet')
      await worker.wakeParked(serviceUidIn(body))
      return { woken: true }
    },
  }
}

function serviceUidIn(body: unknown): string {
  const uid: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'serviceUid') : undefined
  if (typeof uid === 'string' && uid !== '') return uid
  throw new SkykeepError('INVALID_INPUT', 'serviceUid must be a string')
}

function freeBytes(path: string): number {
  const { bavail, bsize } = statfsSync(path)
  return bavail * bsize
}
