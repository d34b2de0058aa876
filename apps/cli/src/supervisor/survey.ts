import { readdirSync, readFileSync } from 'node:fs'
import type { Layout } from '@skykeep/persistent-path/layout'
import {
  identityOf,
  isProcessAlive,
  isSameProcess,
  killProcess,
} from '@skykeep/persistent-path/process-identity'
import {
  type ProcessRecord,
  readProcessRecord,
  removeProcessRecord,
} from '@skykeep/persistent-path/runtime-files'
import type { SupervisorContext } from './context.ts'
import { isGatewayAnswering, livingGateways } from './gateway-group.ts'
import { Pause, waitUntil } from './pause.ts'
import { probe } from './probe.ts'
import type { ProcessSpec } from './process-spec.ts'

/** What runs on the path when a supervisor takes it. */
export interface Survey {
  /** web and worker that live and answer. */
  readonly answering: readonly ProcessRecord[]
  /** web and worker that live and do not. */
  readonly stuck: readonly ProcessRecord[]
  readonly gateways: readonly ProcessRecord[]
  readonly isGatewayAnswering: boolean
}

/** Asks each living process that runtime/ names, three times before it counts as stuck. */
export async function survey(specs: readonly ProcessSpec[], context: SupervisorContext): Promise<Survey> {
  const { layout, limits } = context
  const living = specs.flatMap((spec) => {
    const record = readProcessRecord(layout, spec.name)
    return record !== undefined && isProcessAlive(record) ? [{ spec, record }] : []
  })
  const answers = living.map(({ spec, record }) =>
    answersInTime(() => probe(healthOf(spec, record), limits.timeoutMs), context),
  )
  const gateways = livingGateways(layout)
  const gatewayAnswers = gateways.map((record) =>
    answersInTime(() => isGatewayAnswering(layout, record, limits.timeoutMs), context),
  )
  const isAnswering = await Promise.all(answers)
  const records = living.map(({ record }) => record)
  return {
    answering: records.filter((_, i) => isAnswering[i] === true),
    stuck: records.filter((_, i) => isAnswering[i] !== true),
    gateways,
    isGatewayAnswering: (await Promise.all(gatewayAnswers)).some((answer) => answer),
  }
}

/** SIGKILLs each and waits until it is gone: a process stopped inside a transaction would block every writer. */
export async function killAll(records: readonly ProcessRecord[], context: SupervisorContext): Promise<void> {
  for (const record of records) {
    context.requireHeld()
    if (killProcess(record, 'SIGKILL')) context.say(`${record.name}: killed (pid ${record.pid})`)
  }
  await waitUntil(() => !records.some((record) => isProcessAlive(record)), 10_000, context.clock)
  for (const record of records) {
    context.storage.attempt('runtime record', () => removeProcessRecord(context.layout, record.name, record))
  }
}

/**
 * Processes of this path that no record names: their supervisor died between starting one and writing it down. Found by what they were
 * started with (/proc/PID/environ), and only leaders of a session of their own. Linux only; elsewhere none are found.
 */
export function findUnrecorded(layout: Layout, specs: readonly ProcessSpec[]): readonly ProcessRecord[] {
  return processIds().flatMap((pid) => {
    const environment = environmentOf(pid)
    if (!environment.includes(`SKYKEEP_PERSISTENT_PATH=${layout.root}`)) return []
    const spec = specs.find((candidate) => environment.includes(`SKYKEEP_PROCESS=${candidate.name}`))
    const identity = identityOf(pid)
    if (spec === undefined || identity === undefined || !isSessionLeader(pid)) return []
    const recorded = readProcessRecord(layout, spec.name)
    if (recorded !== undefined && isSameProcess(recorded, identity)) return []
    return [{ name: spec.name, startedAtMs: 0, build: 'unrecorded', ...identity }]
  })
}

async function answersInTime(ask: () => Promise<boolean>, context: SupervisorContext): Promise<boolean> {
  const pause = new Pause()
  const never = new AbortController().signal
  for (let asked = 1; ; asked++) {
    if (await ask()) return true
    if (asked >= context.limits.misses) return false
    await pause.wait(context.limits.intervalMs, never)
  }
}

/** A process is asked where its own record says, which may be another port than the one that the next start would use. */
function healthOf(spec: ProcessSpec, record: ProcessRecord): ProcessSpec['health'] {
  if (spec.health.kind === 'port' && record.port !== undefined) return { ...spec.health, port: record.port }
  if (spec.health.kind === 'socket' && record.socket !== undefined)
    return { ...spec.health, socket: record.socket }
  return spec.health
}

function processIds(): readonly number[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []))
}

function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  } catch {
    return []
  }
}

function isSessionLeader(pid: number): boolean {
  try {
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return line.slice(line.lastIndexOf(')') + 2).split(' ')[3] === String(pid)
  } catch {
    return false
  }
}
