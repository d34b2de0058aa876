import { rmSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { SkykeepError } from '@skykeep/core/errors'
import { type ControlServer, serveControl } from '@skykeep/persistent-path/control'
import { readMoved } from '@skykeep/persistent-path/path-state'
import { identityOf, selfIdentity } from '@skykeep/persistent-path/process-identity'
import { removeProcessRecord, writeProcessRecord } from '@skykeep/persistent-path/runtime-files'
import { rebaseGateways } from '@skykeep/state/move/rebase-gateways'
import type { SupervisorContext } from './context.ts'
import { GatewayGroup } from './gateway-group.ts'
import { defaultHealthLimits } from './health.ts'
import { KeptProcess } from './kept-process.ts'
import { PathWatch } from './path-watch.ts'
import { Pause } from './pause.ts'
import { boundProcessLog } from './process-log.ts'
import { processSpecs } from './process-spec.ts'
import { type Decision, Relocation } from './relocation.ts'
import type { SupervisorOptions } from './supervisor-options.ts'
import type { Acquired } from './stand-by.ts'
import { stopGateways } from './stop-processes.ts'
import type { StopRequest, StopWish } from './stop-request.ts'
import { StorageWatch } from './storage-watch.ts'
import type { SupervisorStatus } from './supervisor-status.ts'
import { takeOver, type TakenOver } from './take-over.ts'

/** Exit code of a plane that found the path taken by another. */
const lostExitCode = 3

/** The supervisor while it holds the lock. */
export class ActiveSupervisor {
  readonly #options: SupervisorOptions
  readonly #acquired: Acquired
  readonly #stop: StopRequest
  readonly #context: SupervisorContext
  readonly #self = selfIdentity()
  #fence = 0
  #kept: readonly KeptProcess[] = []
  #gateway: GatewayGroup | undefined
  #wasReady = false
  #hasTakenOver = false
  #relocation = new Relocation()
  readonly #path: PathWatch

  constructor(options: SupervisorOptions, acquired: Acquired, stop: StopRequest) {
    this.#options = options
    this.#acquired = acquired
    this.#stop = stop
    const { clock, say, random } = options
    const { layout } = options.specs
    const { usesSqlite = true, wantedRoot = () => undefined } = options
    this.#path = new PathWatch({ layout, usesSqlite, wantedRoot, say })
    const reserve = options.reserveBytes === undefined ? {} : { reserveBytes: options.reserveBytes }
    this.#context = {
      layout,
      clock,
      limits: options.limits ?? defaultHealthLimits,
      storage: new StorageWatch({ layout, clock, say, ...reserve }),
      random,
      say,
      requireHeld: () => this.#requireHeld(),
    }
  }

  /** Whether this plane holds the path and has taken it over. */
  get isActive(): boolean {
    return this.#hasTakenOver && this.#acquired.lock.isStillHeld()
  }

  /** @returns how to go on at another path, or undefined: it was stopped. */
  async run(): Promise<SupervisorOptions | undefined> {
    const beat = setInterval(() => this.#beat(), 1000)
    const server = await this.#serve()
    try {
      this.#writeOwnRecord()
      for (;;) {
        const taken = await this.#takeOver()
        if (taken !== undefined) await this.#keepAll(taken)
        if (this.#stop.signal.aborted) break
        const next = await this.#relocate()
        if (next !== undefined) return next
      }
      await this.#end(this.#stop.wish)
    } finally {
      this.#hasTakenOver = false
      clearInterval(beat)
      await server?.close()
      this.#acquired.lock.release()
    }
    return undefined
  }

  /** Ends worker and web and waits for what becomes of the state. @returns the next place, or undefined: it goes on here. */
  async #relocate(): Promise<SupervisorOptions | undefined> {
    const { layout, say, storage } = this.#context
    await Promise.all(this.#kept.map((kept) => kept.stop(5000)))
    this.#relocation.notePaused()
    say('worker and web are paused; gateway and replicas go on')
    const decision = await this.#relocation.decided(this.#stop.signal, () => readMoved(layout)?.to)
    this.#relocation = new Relocation()
    if (decision.kind === 'resume' || this.#options.at === undefined) {
      say(`goes on at ${layout.root}`)
      return undefined
    }
    try {
      const next = await this.#options.at(decision.root)
      await rebaseGateways(layout, next.specs.layout)
      storage.attempt('runtime record', () => removeProcessRecord(layout, 'supervisor', this.#self))
      say(`goes to ${decision.root}`)
      return next
    } catch (error) {
      say(`cannot go to ${decision.root}: ${error instanceof Error ? error.message : String(error)}`)
      // The state is there already: here nothing may start any more.
      if (readMoved(layout) !== undefined) throw error
      return undefined
    }
  }

  #takeOver(): Promise<TakenOver | undefined> {
    const { specs, prepareState, raiseFence } = this.#options
    const { isForced } = this.#acquired
    return takeOver({
      context: this.#context,
      specs,
      isForced,
      prepareState,
      raiseFence,
      signal: this.#signal(),
    })
  }

  #signal(): AbortSignal {
    return AbortSignal.any([this.#stop.signal, this.#relocation.signal])
  }

  /** The gateway first: what people's traffic waits for. */
  async #keepAll(taken: TakenOver): Promise<void> {
    this.#fence = taken.fence
    const specs = processSpecs(this.#options.specs, taken.fence)
    this.#gateway = new GatewayGroup(specs.gateway, this.#context)
    if (taken.gateways.length > 0) this.#gateway.adopt(taken.gateways)
    this.#kept = [specs.worker, specs.web].map((spec) => {
      const kept = new KeptProcess(spec, this.#context)
      const record = taken.adopted.find((candidate) => candidate.name === spec.name)
      if (record !== undefined) kept.adopt(record)
      return kept
    })
    this.#hasTakenOver = true
    const signal = this.#signal()
    this.#stop.onSecondSignal(() => this.#kept.forEach((kept) => kept.killNow()))
    await Promise.all([
      this.#gateway.keep(signal),
      ...this.#kept.map((kept) => kept.keep(signal)),
      this.#watchReady(signal),
      this.#maintain(signal),
      this.#watchPath(signal),
    ])
  }

  async #watchPath(signal: AbortSignal): Promise<void> {
    const root = await this.#path.untilMoved(signal)
    if (root === undefined) return
    this.#options.say(`config.yaml names ${root}, where this state is: goes there`)
    void this.#relocation.ask(this.#self)
    this.#relocation.decide({ kind: 'follow', root })
  }

  async #end(wish: StopWish): Promise<void> {
    this.#requireHeld()
    await Promise.all(this.#kept.map((kept) => kept.stop(5000)))
    const { layout, clock, say, storage } = this.#context
    if (wish.isGatewayIncluded) {
      const count = await stopGateways(layout, clock, wish.graceMs)
      say(`stopped web, worker and gateway (${count} processes); replicas go on`)
    } else {
      say(
        'stopped web and worker. Gateway and replicas go on and keep answering; `skykeep stop` ends the gateway too.',
      )
    }
    storage.attempt('runtime record', () => removeProcessRecord(layout, 'supervisor', this.#self))
  }

  #beat(): void {
    this.#requireHeld()
    this.#context.storage.look(() => this.#acquired.lock.heartbeat())
  }

  /** A plane that was stopped and resumed may have lost the path meanwhile: it ends here, before any effect. */
  #requireHeld(): void {
    if (this.#acquired.lock.isStillHeld()) return
    this.#options.say(`another control plane has taken ${this.#context.layout.root}; this one ends`)
    process.exit(lostExitCode)
  }

  #writeOwnRecord(): void {
    const { layout, clock, storage } = this.#context
    const record = {
      name: 'supervisor',
      socket: layout.supervisorSocket,
      startedAtMs: clock.now(),
      build: this.#options.specs.build,
      ...this.#self,
    }
    storage.attempt('runtime record', () => writeProcessRecord(layout, record))
  }

  async #serve(): Promise<ControlServer | undefined> {
    const { layout, say } = this.#context
    try {
      // The lock is held: whoever served this socket is dead.
      rmSync(layout.supervisorSocket, { force: true })
      return await serveControl(layout.supervisorSocket, {
        'GET /health': () => ({ role: 'active', pid: process.pid }),
        'GET /status': () => this.#status(),
        'POST /stop': ({ body }) => this.#askToStop(body),
        'POST /pause': ({ body }) => this.#askToPause(body),
        'POST /resume': () => this.#decide({ kind: 'resume' }),
        'POST /follow': ({ body }) => this.#decide({ kind: 'follow', root: rootIn(body) }),
      })
    } catch (error) {
      say(
        `cannot serve ${layout.supervisorSocket}: ${error instanceof Error ? error.message : String(error)}`,
      )
      return undefined
    }
  }

  #askToStop(body: unknown): { readonly isStopping: true } {
    const wish = typeof body === 'object' && body !== null ? body : {}
    const isGatewayIncluded = 'gateway' in wish && wish.gateway === true
    const asked = 'graceMs' in wish && typeof wish.graceMs === 'number' ? wish.graceMs : 5000
    // After the reply has left.
    setImmediate(() => this.#stop.ask({ isGatewayIncluded, graceMs: Math.min(Math.max(asked, 0), 600_000) }))
    return { isStopping: true }
  }

  /** For the process that moves the state: the pause ends with it. */
  async #askToPause(body: unknown): Promise<{ readonly isPaused: true }> {
    const pid: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'pid') : undefined
    const mover = typeof pid === 'number' ? identityOf(pid) : undefined
    if (mover === undefined) throw new SkykeepError('INVALID_INPUT', 'pid must be that of a living process')
    await this.#relocation.ask(mover)
    return { isPaused: true }
  }

  #decide(decision: Decision): { readonly isDecided: true } {
    if (!this.#relocation.signal.aborted)
      throw new SkykeepError('CONFLICT', 'nothing is paused: there is nothing to decide')
    // After the reply has left.
    const relocation = this.#relocation
    setImmediate(() => relocation.decide(decision))
    return { isDecided: true }
  }

  #status(): SupervisorStatus {
    const { layout, storage } = this.#context
    return {
      role: 'active',
      pid: process.pid,
      persistentPath: layout.root,
      build: this.#options.specs.build,
      fence: this.#fence,
      storage: storage.view(),
      processes: [...this.#kept.map((kept) => kept.view()), ...(this.#gateway?.views() ?? [])],
      isReady: this.#isReady(),
      ...(this.#path.problem === undefined ? {} : { pathProblem: this.#path.problem }),
    }
  }

  #isReady(): boolean {
    return this.#gateway?.isRunning() === true && this.#kept.every((kept) => kept.isRunning())
  }

  async #watchReady(signal: AbortSignal): Promise<void> {
    const pause = new Pause()
    while (!signal.aborted && !this.#wasReady) {
      if (this.#isReady()) {
        this.#wasReady = true
        this.#options.onReady?.({ fence: this.#fence, webPort: this.#options.specs.webPort })
      } else await pause.wait(100, signal)
    }
  }

  async #maintain(signal: AbortSignal): Promise<void> {
    const pause = new Pause()
    const { layout, storage } = this.#context
    const names = ['supervisor', 'web', 'worker', 'gateway-0']
    while (!signal.aborted) {
      this.#requireHeld()
      await storage.fillReserve()
      for (const name of names) storage.attempt('process log', () => boundProcessLog(layout.processLog(name)))
      await pause.wait(5000, signal)
    }
  }
}

function rootIn(body: unknown): string {
  const root: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'root') : undefined
  if (typeof root === 'string' && isAbsolute(root)) return root
  throw new SkykeepError('INVALID_INPUT', 'root must be an absolute path')
}
