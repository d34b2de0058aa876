import { gatewayDrainOf } from '@skykeep/core/gateway-drain'
import { callControl } from '@skykeep/persistent-path/control'
import type { Layout } from '@skykeep/persistent-path/layout'
import { isProcessAlive, isSameProcess } from '@skykeep/persistent-path/process-identity'
import { listProcessRecords, type ProcessRecord } from '@skykeep/persistent-path/runtime-files'

/** The processes of a control plane on this machine, by name. */
export type PlaneParts = ReadonlyMap<string, ProcessRecord>

const askMs = 1500
const known = /^(supervisor|worker|web|gateway-\d+)$/

/** The parts that live and answer now, without a gateway that only drains, read from their own records: whether or not the API can be asked. */
export async function livingParts(layout: Layout): Promise<PlaneParts> {
  const records = listProcessRecords(layout).filter(({ name }) => known.test(name))
  const answers = await Promise.all(records.map(async (record) => await isAnswering(layout, record)))
  return new Map(
    records.flatMap((record, index) => (answers[index] === true ? [[record.name, record] as const] : [])),
  )
}

/** True once every part of `before` answers again, those that were killed as other processes, and each gateway holds the port. */
export async function isWholeAgain(
  layout: Layout,
  before: PlaneParts,
  killed: readonly ProcessRecord[],
  port: number,
): Promise<boolean> {
  const now = await livingParts(layout)
  for (const name of before.keys()) {
    const part = now.get(name)
    if (part === undefined || killed.some((dead) => isSameProcess(dead, part))) return false
    if (name.startsWith('gateway-') && !(await holdsPort(layout, part, port))) return false
  }
  return true
}

async function isAnswering(layout: Layout, record: ProcessRecord): Promise<boolean> {
  if (!isProcessAlive(record)) return false
  const health = await ask(layout, record, '/health')
  return health !== undefined && gatewayDrainOf(health) === null
}

async function holdsPort(layout: Layout, record: ProcessRecord, port: number): Promise<boolean> {
  const ports: unknown = Reflect.get(Object(await ask(layout, record, '/status')), 'boundPorts')
  return Array.isArray(ports) && ports.includes(port)
}

async function ask(layout: Layout, record: ProcessRecord, path: string): Promise<unknown> {
  const socket = record.socket ?? layout.socket(record.name)
  try {
    return (await callControl(socket, { method: 'GET', path, timeoutMs: askMs })) ?? null
  } catch {
    return undefined
  }
}
