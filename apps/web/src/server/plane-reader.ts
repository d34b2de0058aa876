import { statfs } from 'node:fs/promises'
import type { PlaneReader } from '@skykeep/actions/plane-reader'
import { gatewayDrainOf } from '@skykeep/core/gateway-drain'
import type { GatewayStatus } from '@skykeep/core/routes'
import type { ProcessView, SystemView } from '@skykeep/core/views'
import { callControl } from '@skykeep/persistent-path/control'
import { DiskReserve } from '@skykeep/persistent-path/disk-reserve'
import type { Layout } from '@skykeep/persistent-path/layout'
import { isProcessAlive, selfIdentity } from '@skykeep/persistent-path/process-identity'
import { listProcessRecords, type ProcessRecord } from '@skykeep/persistent-path/runtime-files'
import { lately } from './lately.ts'

export interface PlaneReaderSource {
  readonly layout: Layout
  readonly role: () => SystemView['role']
  readonly version: string
  readonly databaseLocation: string
}

const askMs = 1500
/** Of what is shown beside rows of the database: as old as the worker's own look, and no page waits for a process that hangs. */
const recent = { freshMs: 1000, waitMs: 250 }

/** Reads what stands beside the database: runtime records, control sockets, the disk. Never throws. */
export function createPlaneReader({ layout, ...rest }: PlaneReaderSource): PlaneReader {
  return {
    ...rest,
    processes: async () => await Promise.all(listProcessRecords(layout).map(viewOf)),
    storage: () => readStorage(layout),
    gateways: () => readGateways(layout),
    recentGateways: lately<readonly GatewayStatus[]>([], () => readGateways(layout), recent),
    pathProblem: async () => {
      const told: unknown = Reflect.get(Object(await ask(layout.supervisorSocket, '/status')), 'pathProblem')
      return typeof told === 'string' ? told : null
    },
  }
}

async function viewOf(record: ProcessRecord): Promise<ProcessView> {
  const { name, pid, port, startedAtMs, build } = record
  return { name, pid, port: port ?? null, startedAtMs, build, ...(await stateOf(record)) }
}

async function stateOf(record: ProcessRecord): Promise<Pick<ProcessView, 'state' | 'drain' | 'faults'>> {
  const silent = { drain: null, faults: [] }
  if (!isProcessAlive(record)) return { state: 'gone', ...silent }
  // Whoever answers this request need not ask itself.
  if (record.pid === selfIdentity().pid || record.socket === undefined) return { state: 'running', ...silent }
  const answer = await ask(record.socket, '/health')
  if (answer === undefined) return { state: 'not answering', ...silent }
  const drain = gatewayDrainOf(answer)
  return { state: drain === null ? 'running' : 'draining', drain, faults: faultsIn(answer) }
}

function faultsIn(health: unknown): readonly string[] {
  const faults: unknown = Reflect.get(Object(health), 'faults')
  return Array.isArray(faults) ? faults.filter((fault) => typeof fault === 'string') : []
}

/** The supervisor sees writes fail, so its word counts; without it, the disk's own numbers. */
async function readStorage(layout: Layout): Promise<SystemView['storage']> {
  const freeBytes = await freeBytesOf(layout.root)
  if (freeBytes === null)
    return { state: 'degraded', reason: 'The persistent path cannot be read.', freeBytes: 0, reserveBytes: 0 }
  const told = Object(Object(await ask(layout.supervisorSocket, '/status')).storage)
  const status: unknown = Reflect.get(told, 'status')
  const detail: unknown = Reflect.get(told, 'detail')
  const bytes = { freeBytes, reserveBytes: new DiskReserve(layout.reserveFile).heldBytes() }
  if (status === 'degraded') {
    return {
      state: 'degraded',
      reason: typeof detail === 'string' ? `${detail}.` : 'Writes fail.',
      ...bytes,
    }
  }
  if (freeBytes === 0) return { state: 'degraded', reason: 'The disk is full.', ...bytes }
  return { state: 'ok', reason: '', ...bytes }
}

async function freeBytesOf(path: string): Promise<number | null> {
  try {
    const { bavail, bsize } = await statfs(path)
    return bavail * bsize
  } catch {
    return null
  }
}

async function readGateways(layout: Layout): Promise<readonly GatewayStatus[]> {
  const gateways = listProcessRecords(layout).filter(({ name }) => name.startsWith('gateway-'))
  const answers = await Promise.all(
    gateways.map(({ name, socket }) => ask(socket ?? layout.socket(name), '/status')),
  )
  return answers.flatMap((answer) => (isGatewayStatus(answer) ? [answer] : []))
}

function isGatewayStatus(value: unknown): value is GatewayStatus {
  const fields = Object(value)
  return (
    typeof Reflect.get(fields, 'appliedVersion') === 'number' &&
    Array.isArray(Reflect.get(fields, 'boundPorts')) &&
    Array.isArray(Reflect.get(fields, 'blockedPorts')) &&
    Array.isArray(Reflect.get(fields, 'ejected'))
  )
}

/** The answer of a control socket, or undefined when there is none in time. */
async function ask(socket: string, path: string): Promise<unknown> {
  try {
    return (await callControl(socket, { method: 'GET', path, timeoutMs: askMs })) ?? null
  } catch {
    return undefined
  }
}
