import { gatewayDrainOf } from '@skykeep/core/gateway-drain'
import { callControl } from '@skykeep/persistent-path/control'
import type { Layout } from '@skykeep/persistent-path/layout'
import { isProcessAlive, isSameProcess, killProcess } from '@skykeep/persistent-path/process-identity'
import {
  listProcessRecords,
  type ProcessRecord,
  writeProcessRecord,
} from '@skykeep/persistent-path/runtime-files'
import type { ProcessState, ProcessView, SupervisorContext } from './context.ts'
import { afterProbe, type HealthState, restartDelayMs, unknownHealth } from './health.ts'
import { Pause } from './pause.ts'
import { GatewayUpgrade } from './gateway-upgrade.ts'
import type { ProcessSpec } from './process-spec.ts'
import { startProcess } from './start-process.ts'

/** The gateway processes that runtime/ names and that exist now, answering or not. */
export function livingGateways(layout: Layout): readonly ProcessRecord[] {
  return listProcessRecords(layout).filter(
    (record) => /^gateway-\d+$/.test(record.name) && isProcessAlive(record),
  )
}

/** What one gateway process says of itself on its own socket; undefined where it does not answer. */
async function healthOf(layout: Layout, record: ProcessRecord, timeoutMs: number): Promise<unknown> {
  const socket = record.socket ?? layout.socket(record.name)
  try {
    return (await callControl(socket, { method: 'GET', path: '/health', timeoutMs })) ?? null
  } catch {
    return undefined
  }
}

/** Whether one gateway process answers on its own socket. */
export async function isGatewayAnswering(
  layout: Layout,
  record: ProcessRecord,
  timeoutMs: number,
): Promise<boolean> {
  return (await healthOf(layout, record, timeoutMs)) !== undefined
}

/**
 * Sees to it that there is a gateway, of this build. Its processes watch and replace each other; the supervisor acts only when none of them answers:
 * it kills those that live (all of them are stuck), and starts a leader when none is left. One that drains takes no connection: it is let be, and counts for none.
 */
export class GatewayGroup {
  readonly #spec: ProcessSpec
  readonly #context: SupervisorContext
  readonly #pause = new Pause()
  readonly #upgrade: GatewayUpgrade
  #health: HealthState = unknownHealth
  #answering: readonly ProcessRecord[] = []
  #living: readonly ProcessRecord[] = []
  #draining: readonly ProcessRecord[] = []
  #started: ProcessRecord | undefined
  #failures = 0
  #starts = 0
  #wasAdopted = false

  constructor(spec: ProcessSpec, context: SupervisorContext) {
    this.#spec = spec
    this.#context = context
    this.#upgrade = new GatewayUpgrade(spec, context)
  }

  /** Takes over living processes, at least one of which answers. */
  adopt(records: readonly ProcessRecord[]): void {
    this.#living = records
    this.#answering = records
    this.#wasAdopted = true
    this.#health = { ...unknownHealth, hasAnswered: true }
    this.#context.say(`gateway: adopted (pids ${records.map((record) => record.pid).join(', ')})`)
  }

  isRunning(): boolean {
    return this.#answering.length > 0
  }

  views(): readonly ProcessView[] {
    return this.#living.map((record) => ({
      name: record.name,
      pid: record.pid,
      state: this.#stateOf(record),
      restarts: Math.max(0, this.#starts - (this.#wasAdopted ? 0 : 1)),
      isAdopted: this.#wasAdopted && this.#starts === 0,
      startedAtMs: record.startedAtMs,
      build: record.build,
    }))
  }

  #stateOf(record: ProcessRecord): ProcessState {
    const isAmong = (others: readonly ProcessRecord[]): boolean =>
      others.some((other) => isSameProcess(other, record))
    if (isAmong(this.#draining)) return 'draining'
    if (isAmong(this.#answering)) return 'running'
    return this.#health.hasAnswered ? 'not-answering' : 'starting'
  }

  /** Runs until the signal is aborted; the gateway lives on then. */
  async keep(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#living = this.#findLiving()
      if (this.#living.length === 0) await this.#startLeader(signal)
      else await this.#look(signal)
      for (
        let i = 0;
        i < 4 && !signal.aborted && this.#living.length > 0 && this.#findLiving().length > 0;
        i++
      ) {
        await this.#pause.wait(this.#context.limits.intervalMs / 4, signal)
      }
    }
  }

  #findLiving(): readonly ProcessRecord[] {
    const living = livingGateways(this.#context.layout)
    const started = this.#started
    // A record that could not be written (full disk) does not make the process unknown.
    if (
      started === undefined ||
      living.some((record) => record.pid === started.pid) ||
      !isProcessAlive(started)
    )
      return living
    return [started, ...living]
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { clock, layout, limits, say } = this.#context
    const startedAtMs = clock.monotonicMs()
    const looked = this.#living
    const healths = await Promise.all(looked.map((record) => healthOf(layout, record, limits.timeoutMs)))
    this.#draining = looked.filter((_, i) => gatewayDrainOf(healths[i]) !== null)
    const serving = looked.filter((record) => !this.#draining.includes(record))
    this.#answering = serving.filter((record) => healths[looked.indexOf(record)] !== undefined)
    if (serving.length === 0) return await this.#startLeader(signal)
    const isAnswering = this.#answering.length > 0
    const outcome = { startedAtMs, endedAtMs: clock.monotonicMs(), isAnswering }
    const { state, isStuck } = afterProbe(this.#health, outcome, limits)
    this.#health = state
    if (isAnswering) this.#failures = 0
    await this.#upgrade.look(this.#answering)
    if (!isStuck) return
    this.#context.requireHeld()
    say(`gateway: none of ${serving.length} processes answers; kills them`)
    for (const record of this.#findLiving())
      if (!this.#draining.some((other) => isSameProcess(other, record))) killProcess(record, 'SIGKILL')
    this.#health = unknownHealth
  }

  async #startLeader(signal: AbortSignal): Promise<void> {
    const { clock, layout, say, storage } = this.#context
    this.#answering = []
    if (this.#starts > 0 || this.#wasAdopted) {
      this.#failures += 1
      const delayMs = this.#failures === 1 ? 0 : restartDelayMs(this.#failures - 1, this.#context.random())
      say(`gateway: all its processes died; starts again in ${(delayMs / 1000).toFixed(1)} s`)
      await this.#pause.wait(delayMs, signal)
    }
    if (signal.aborted) return
    this.#context.requireHeld()
    this.#health = unknownHealth
    this.#starts += 1
    const { child, record } = startProcess(this.#spec, layout, clock)
    child.once('error', (error) => say(`gateway: could not be started: ${error.message}`))
    child.once('exit', () => this.#pause.wake())
    // One that drains keeps its name and its socket: the new one takes others, and says which itself.
    const isNameTaken = this.#draining.some(({ name, pid }) => name === record?.name && pid !== record.pid)
    this.#started = isNameTaken ? record && { ...record, ...unnamed(layout) } : record
    if (record === undefined) return
    if (!isNameTaken) storage.attempt('runtime record', () => writeProcessRecord(layout, record))
    this.#living = [...this.#draining, this.#started ?? record]
    say(`gateway: started (pid ${record.pid})`)
  }
}

/** What a gateway process is called until it has said its slot. */
function unnamed(layout: Layout): Pick<ProcessRecord, 'name' | 'socket'> {
  return { name: 'gateway', socket: layout.socket('gateway') }
}
