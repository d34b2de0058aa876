import type { ChildProcess } from 'node:child_process'
import { isProcessAlive, killProcess } from '@skykeep/persistent-path/process-identity'
import {
  type ProcessRecord,
  removeProcessRecord,
  writeProcessRecord,
} from '@skykeep/persistent-path/runtime-files'
import type { ProcessState, ProcessView, SupervisorContext } from './context.ts'
import { afterProbe, type HealthState, restartDelayMs, unknownHealth } from './health.ts'
import { Pause, waitUntil } from './pause.ts'
import { isPortTaken, probe } from './probe.ts'
import type { ProcessSpec } from './process-spec.ts'
import { startProcess } from './start-process.ts'

/** A process that answers this long has recovered: its next death is its first again. */
const healthyAfterMs = 30_000

/** Keeps one process (web, worker) alive: starts it, adopts it, restarts it when it dies, kills it when it lives and does not answer. */
export class KeptProcess {
  readonly #spec: ProcessSpec
  readonly #context: SupervisorContext
  readonly #pause = new Pause()
  #record: ProcessRecord | undefined
  #isRecordWritten = true
  #health: HealthState = unknownHealth
  #state: ProcessState = 'stopped'
  #reason: string | undefined
  #failures = 0
  #starts = 0
  #isAdopted = false
  #answeringSinceMs: number | undefined
  /** Resolves once the event of its end has come; undefined for one that is not our child. */
  #ended: Promise<void> | undefined

  constructor(spec: ProcessSpec, context: SupervisorContext) {
    this.#spec = spec
    this.#context = context
  }

  /** Takes over a living process that answers. */
  adopt(record: ProcessRecord): void {
    this.#record = record
    this.#isAdopted = true
    this.#health = { ...unknownHealth, hasAnswered: true }
    this.#state = 'running'
    this.#context.say(`${this.#spec.name}: adopted (pid ${record.pid})`)
  }

  isRunning(): boolean {
    return this.#state === 'running'
  }

  view(): ProcessView {
    const { name, port } = this.#spec
    const record = this.#record
    return {
      name,
      state: this.#state,
      restarts: Math.max(0, this.#starts - (this.#isAdopted ? 0 : 1)),
      isAdopted: this.#isAdopted && this.#starts === 0,
      ...(record === undefined
        ? {}
        : { pid: record.pid, startedAtMs: record.startedAtMs, build: record.build }),
      ...(port === undefined ? {} : { port }),
      ...(this.#reason === undefined ? {} : { reason: this.#reason }),
    }
  }

  /** Runs until the signal is aborted; the process lives on then. */
  async keep(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (!this.#isAlive()) {
        await this.#startAgain(signal)
        continue
      }
      this.#saveRecord()
      await this.#look()
      await this.#waitForDeath(this.#context.limits.intervalMs, signal)
    }
  }

  /** SIGTERM, and SIGKILL after the grace. Resolves when it is dead. */
  async stop(graceMs: number): Promise<void> {
    const record = this.#record
    if (record !== undefined) {
      this.#context.requireHeld()
      killProcess(record, 'SIGTERM')
      const isGone = (): boolean => !isProcessAlive(record)
      if (!(await waitUntil(isGone, graceMs, this.#context.clock))) this.killNow()
      await waitUntil(isGone, 5000, this.#context.clock)
      this.#context.storage.attempt('runtime record', () =>
        removeProcessRecord(this.#context.layout, record.name, record),
      )
    }
    this.#state = 'stopped'
    this.#record = undefined
  }

  killNow(): void {
    this.#context.requireHeld()
    if (this.#record !== undefined) killProcess(this.#record, 'SIGKILL')
  }

  #isAlive(): boolean {
    return this.#record !== undefined && isProcessAlive(this.#record)
  }

  async #startAgain(signal: AbortSignal): Promise<void> {
    if (this.#record !== undefined) {
      // The kernel shows that it is dead a moment before the event says of what.
      await this.#ended
      this.#record = undefined
      this.#failures += 1
      const delayMs = restartDelayMs(this.#failures, this.#context.random())
      this.#state = 'waiting-to-restart'
      this.#context.say(
        `${this.#spec.name}: ${this.#reason ?? 'died'}; starts again in ${(delayMs / 1000).toFixed(1)} s`,
      )
      await this.#pause.wait(delayMs, signal)
    }
    if (signal.aborted) return
    if (this.#spec.port !== undefined && (await isPortTaken(this.#spec.port)))
      return this.#waitForPort(this.#spec.port, signal)
    this.#context.requireHeld()
    if (!signal.aborted) this.#start(signal)
    if (this.#record === undefined)
      await this.#pause.wait(restartDelayMs(this.#failures, this.#context.random()), signal)
  }

  async #waitForPort(port: number, signal: AbortSignal): Promise<void> {
    const reason = `port ${port} is held by another program`
    if (this.#reason !== reason)
      this.#context.say(
        `${this.#spec.name}: ${reason}; waits for it. Free it, or set \`web.port\` in config.yaml (or --port) and start again`,
      )
    this.#reason = reason
    this.#state = 'blocked'
    await this.#pause.wait(1000, signal)
  }

  #start(signal: AbortSignal): void {
    this.#health = unknownHealth
    this.#answeringSinceMs = undefined
    this.#reason = undefined
    this.#state = 'starting'
    this.#starts += 1
    const { child, record } = startProcess(this.#spec, this.#context.layout, this.#context.clock)
    this.#record = record
    this.#isRecordWritten = false
    this.#saveRecord()
    this.#listen(child, signal)
    if (record === undefined) this.#failures += 1
    else this.#context.say(`${this.#spec.name}: started (pid ${record.pid})`)
  }

  #listen(child: ChildProcess, signal: AbortSignal): void {
    const { pid } = child
    const note = (reason: string): void => {
      if (signal.aborted || (this.#record !== undefined && this.#record.pid !== pid)) return
      this.#reason ??= reason
      this.#pause.wake()
    }
    this.#ended = new Promise((resolve) => {
      const end = (reason: string): void => {
        note(reason)
        resolve()
      }
      child.once('error', (error) => end(`could not be started: ${error.message}`))
      child.once('exit', (code, killedBy) =>
        end(killedBy === null ? `exited with code ${code}` : `died of ${killedBy}`),
      )
    })
  }

  #saveRecord(): void {
    const record = this.#record
    if (record === undefined || this.#isRecordWritten) return
    this.#context.requireHeld()
    this.#isRecordWritten =
      this.#context.storage.attempt('runtime record', () => {
        writeProcessRecord(this.#context.layout, record)
        return true
      }) ?? false
  }

  async #look(): Promise<void> {
    const { clock, limits, say } = this.#context
    const startedAtMs = clock.monotonicMs()
    const isAnswering = await probe(this.#spec.health, limits.timeoutMs)
    const endedAtMs = clock.monotonicMs()
    if (!this.#isAlive()) return
    const { state, isStuck } = afterProbe(this.#health, { startedAtMs, endedAtMs, isAnswering }, limits)
    this.#health = state
    if (isAnswering) return this.#noteAnswer(endedAtMs)
    this.#answeringSinceMs = undefined
    if (state.hasAnswered && state.misses > 0) this.#state = 'not-answering'
    if (!isStuck || this.#record === undefined) return
    this.#reason = `lived and did not answer ${state.misses} times; killed`
    say(`${this.#spec.name}: lives (pid ${this.#record.pid}) and does not answer; kills it`)
    this.killNow()
  }

  #noteAnswer(atMs: number): void {
    this.#state = 'running'
    this.#reason = undefined
    this.#answeringSinceMs ??= atMs
    if (atMs - this.#answeringSinceMs > healthyAfterMs) this.#failures = 0
  }

  /** An adopted process is not our child: its death has no event. */
  async #waitForDeath(ms: number, signal: AbortSignal): Promise<void> {
    for (let waitedMs = 0; waitedMs < ms && !signal.aborted && this.#isAlive(); waitedMs += 250) {
      await this.#pause.wait(Math.min(250, ms - waitedMs), signal)
    }
  }
}
