import type { Clock } from '@skykeep/core/clock'
import { callControl } from '@skykeep/persistent-path/control'
import type { Layout } from '@skykeep/persistent-path/layout'
import { isProcessAlive, killProcess } from '@skykeep/persistent-path/process-identity'
import {
  type ProcessRecord,
  readProcessRecord,
  removeProcessRecord,
} from '@skykeep/persistent-path/runtime-files'
import { isStorageFault } from '@skykeep/persistent-path/storage-fault'
import { livingGateways } from './gateway-group.ts'
import { waitUntil } from './pause.ts'

/**
 * Ends all gateway processes: each is asked to drain for the grace (milliseconds), and what lives then is SIGKILLed, also what they
 * started meanwhile to replace each other. Returns how many were ended. Replicas go on.
 */
export async function stopGateways(layout: Layout, clock: Clock, graceMs: number): Promise<number> {
  const ended = new Set<number>()
  for (let round = 0; round < 5; round++) {
    const living = livingGateways(layout)
    if (living.length === 0) break
    for (const record of living) ended.add(record.pid)
    if (round === 0) {
      await Promise.all(living.map((record) => askToStop(layout, record, graceMs)))
      await waitUntil(() => livingGateways(layout).length === 0, graceMs + 1000, clock)
    } else {
      // All at once, so that none is left to replace the others.
      for (const record of living) killProcess(record, 'SIGKILL')
      await waitUntil(() => !living.some((record) => isProcessAlive(record)), 5000, clock)
    }
    for (const record of living) if (!isProcessAlive(record)) forget(layout, record)
  }
  return ended.size
}

/**
 * Ends web and worker of a path whose supervisor is gone: SIGTERM, and SIGKILL after the grace, milliseconds. Returns how many were ended.
 */
export async function stopControlPlane(layout: Layout, clock: Clock, graceMs: number): Promise<number> {
  const living = ['web', 'worker'].flatMap((name) => {
    const record = readProcessRecord(layout, name)
    return record !== undefined && isProcessAlive(record) ? [record] : []
  })
  const areGone = (): boolean => !living.some((record) => isProcessAlive(record))
  for (const record of living) killProcess(record, 'SIGTERM')
  if (!(await waitUntil(areGone, graceMs, clock))) {
    for (const record of living) killProcess(record, 'SIGKILL')
    await waitUntil(areGone, 5000, clock)
  }
  for (const record of living) forget(layout, record)
  return living.length
}

async function askToStop(layout: Layout, record: ProcessRecord, graceMs: number): Promise<void> {
  try {
    const socket = record.socket ?? layout.socket(record.name)
    await callControl(socket, { method: 'POST', path: '/stop', body: { graceMs }, timeoutMs: graceMs + 2000 })
  } catch {
    killProcess(record, 'SIGTERM')
  }
}

/** A record that cannot be removed (full or read-only disk) names a dead process: harmless. */
function forget(layout: Layout, record: ProcessRecord): void {
  try {
    removeProcessRecord(layout, record.name, record)
  } catch (error) {
    if (!isStorageFault(error)) throw error
  }
}
