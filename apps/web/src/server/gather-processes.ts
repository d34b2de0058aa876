import { callControl } from '@skykeep/persistent-path/control'
import type { Layout } from '@skykeep/persistent-path/layout'
import { listProcessRecords } from '@skykeep/persistent-path/runtime-files'

export interface Gathered {
  /** `worker`, `gateway-0`, … */
  readonly process: string
  /** Its exposition; null: it did not answer in time. */
  readonly text: string | null
}

/** Well below the 10 s that Prometheus waits unless told. */
const askMs = 1_500

/** Asks every other process of the path for its own metrics, all at once. The worker is always in the answer, dead or not. */
export async function gatherProcesses(layout: Layout): Promise<readonly Gathered[]> {
  const records = listProcessRecords(layout).filter(({ name }) => name.startsWith('gateway-'))
  const sockets = new Map([['worker', layout.socket('worker')]])
  for (const { name, socket } of records) sockets.set(name, socket ?? layout.socket(name))
  return await Promise.all(
    [...sockets].map(async ([process, socket]) => ({ process, text: await exposition(socket) })),
  )
}

async function exposition(socket: string): Promise<string | null> {
  try {
    const text = await callControl(socket, { method: 'GET', path: '/metrics', timeoutMs: askMs })
    return typeof text === 'string' ? text : null
  } catch {
    return null
  }
}
