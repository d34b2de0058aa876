import { createEngineStore } from '@skykeep/controllers/engine-store'
import { isSkykeepError } from '@skykeep/core/errors'
import { renew } from '@skykeep/db/leases'
import { leaseOf } from '@skykeep/controllers/engine-store'
import { backoffMs } from '@skykeep/engine/backoff'
import { Lease, type HeldLease } from '@skykeep/engine/lease'
import { runClaim, type Reconciler } from '@skykeep/engine/run-claim'
import type { Claim } from '@skykeep/engine/store'
import { Task } from '@skykeep/testing/simulation/task'
import { buildControllers, type Controllers } from '../../src/controllers.ts'
import { registerWorker } from '../../src/register-worker.ts'
import { claimable, outlook, type Claimable } from './claimable.ts'
import type { Surroundings } from './surroundings.ts'

export const leaseMs = 15_000
const startSpreadMs = 1_000
const suspectsEveryMs = 1_000
const minPauseMs = 50

/** What a worker could begin now. */
export type Work =
  | { readonly type: 'pass'; readonly name: string }
  | { readonly type: 'claim'; readonly kind: string; readonly isSuspect: boolean }

interface Held {
  readonly claim: Claim
  untilMs: number
  beatAtMs: number
}

/** One life of the worker: the real controllers and the real leases, with somebody else saying when it does what. */
export class SimulatedWorker {
  readonly name: string
  readonly owner: string
  readonly fence: number
  readonly tasks: Task[] = []
  isAlive = true
  /** Stopped as by SIGSTOP: it renews nothing and hears nothing. */
  isStopped = false
  readonly #world: Surroundings
  readonly #held = new Set<Held>()
  readonly #passAtMs = new Map<string, number>()
  readonly #passFailures = new Map<string, number>()
  readonly #busy = new Map<string, number>()
  readonly #store
  #controllers: Controllers | null = null
  #suspectsAtMs = 0
  #seen: {
    readonly commits: number
    readonly wallMs: number
    readonly rows: readonly Claimable[]
  } | null = null
  #hasSuspect = false

  constructor(world: Surroundings, number: number) {
    this.#world = world
    this.name = `worker-${number}`
    this.owner = `host boot ${number} ${number} plane-${number}`
    this.fence = world.fence
    const { database } = world
    this.#store = createEngineStore({ database, fence: this.fence, owner: this.owner, leaseMs })
  }

  /** Takes over what is there; its first task. */
  begin(): Task {
    return this.#task('start', () => this.#takeOver().catch((error: unknown) => this.#endWith(error)))
  }

  async #takeOver(): Promise<void> {
    const { database, ids } = this.#world
    const [, bootId = '', pid = ''] = this.owner.split(' ')
    const host = { hostname: 'host', pid: Number(pid), bootId }
    const plane = {
      uid: ids.uid('plane'),
      role: 'worker' as const,
      ...host,
      program: '0.1.0',
      fence: this.fence,
    }
    const { trigger } = await registerWorker(database, {
      plane,
      isDead: (owner) => this.#isProvenDead(owner),
      isRebooted: () => false,
    })
    this.#controllers = this.#build(trigger)
    await this.#store.spreadDue(this.#kinds, startSpreadMs)
    for (const { name } of this.#controllers.passes) {
      // It looks at this machine's processes alone, and there are none.
      if (name !== 'liveness') this.#passAtMs.set(name, this.#world.nowMs)
    }
  }

  /** Whoever is not of this world died before it began. */
  #isProvenDead(owner: string): boolean {
    if (this.#world.options.isDeathProven === false) return false
    return !this.#world.living.some((other) => other.owner === owner)
  }

  #build(trigger: string): Controllers {
    const { database, ground, cloud, ids, channel } = this.#world
    const { clock, layout } = ground
    return buildControllers({
      context: {
        database,
        fence: this.fence,
        clock,
        ids,
        log: this.#log,
        installationId: this.#installationId(),
        providers: new Map([[cloud.infra, cloud]]),
      },
      channel,
      trigger,
      onRoutesWake: () => this.#wakeRoutes(),
      writeTable: (table) => this.#world.writeTable(table),
      versionDirOf: (serviceUid, version) => `versions/${serviceUid}/${version}`,
      runtime: cloud.runtime,
      probe: (address, probe) => cloud.runtime.probe(address, probe),
      effectDeadlineMs: leaseMs / 3,
      workdirOf: (serviceUid, version) => layout.versionDir(serviceUid, version),
      secretsOf: async () => ({}),
      isPortFree: async () => true,
      isProcessAlive: () => true,
      logFolderOf: ({ serviceUid }) => layout.serviceLogsDir(serviceUid),
    })
  }

  #installationId(): string {
    return this.#world.ground.sideDoor.all<{ uid: string }>('SELECT uid FROM installation')[0]?.uid ?? ''
  }

  get #log() {
    const note = (fields: object, message: string): void => {
      const error: unknown = Reflect.get(fields, 'err')
      const why = error instanceof Error ? `: ${error.message}` : ''
      this.#world.log.push(`${this.#world.nowMs} ${this.name} ${message}${why}`)
    }
    return { info: note, warn: note, error: note }
  }

  get #reconcilers(): readonly Reconciler[] {
    return this.#controllers?.reconcilers ?? []
  }

  get #kinds(): readonly string[] {
    return this.#reconcilers.map(({ kind }) => kind)
  }

  noteChange(): void {
    if (this.isStopped) return
    this.#controllers?.publisher.noteChange()
    this.#wakeRoutes()
  }

  /** A gateway says that a request waits. */
  async noteParked(serviceUid: string): Promise<void> {
    if (!this.isStopped) await this.#controllers?.wakeParked(serviceUid)
  }

  #wakeRoutes(): void {
    const atMs = this.#world.nowMs + minPauseMs
    this.#passAtMs.set('routes', Math.min(this.#passAtMs.get('routes') ?? atMs, atMs))
  }

  /** Everything that it does now and then is due now. */
  hurry(): void {
    for (const name of this.#passAtMs.keys())
      if (!this.#isBusy(name)) this.#passAtMs.set(name, this.#world.nowMs)
  }

  /** All that it could begin at this moment, always in the same order. */
  due(): readonly Work[] {
    if (!this.isAlive || this.isStopped || this.#controllers === null) return []
    const { nowMs } = this.#world
    const passes = this.#controllers.passes
      .filter(({ name }) => (this.#passAtMs.get(name) ?? Infinity) <= nowMs && !this.#isBusy(name))
      .map(({ name }) => ({ type: 'pass', name }) as const)
    return [...passes, ...this.#dueClaims()]
  }

  #dueClaims(): readonly Work[] {
    const { nowMs } = this.#world
    const mayTakeSuspect = !this.#hasSuspect && nowMs >= this.#suspectsAtMs
    return this.#claimable().flatMap(({ kind, isSuspect }): readonly Work[] => {
      const limit = this.#reconcilers.find((each) => each.kind === kind)?.limit ?? 0
      if (!isSuspect) return this.#busyWith(kind) < limit ? [{ type: 'claim', kind, isSuspect: false }] : []
      return mayTakeSuspect ? [{ type: 'claim', kind, isSuspect: true }] : []
    })
  }

  /** Asked at every step; the answer changes with a commit and with the time. */
  #claimable(): readonly Claimable[] {
    const { ground, commits } = this.#world
    const wallMs = ground.clock.now()
    if (this.#seen?.commits === commits && this.#seen.wallMs === wallMs) return this.#seen.rows
    const rows = claimable(ground.sideDoor.rows('reconciliations'), this.owner, wallMs)
    this.#seen = { commits, wallMs, rows }
    return rows
  }

  /** Monotonic time at which it will have something to do; null: never. */
  nextDueMs(): number | null {
    if (!this.isAlive || this.isStopped || this.#controllers === null) return null
    const { ground, nowMs } = this.#world
    const { dueMs, hasSuspect } = outlook(ground.sideDoor.rows('reconciliations'), this.owner)
    const rowMs = dueMs === null ? [] : [nowMs + Math.max(0, dueMs - ground.clock.now())]
    const passes = [...this.#passAtMs].filter(([name]) => !this.#isBusy(name)).map(([, atMs]) => atMs)
    const suspectMs = hasSuspect ? [Math.max(nowMs, this.#suspectsAtMs)] : []
    const all = [...passes, ...rowMs, ...suspectMs]
    return all.length === 0 ? null : Math.min(...all)
  }

  #isBusy(name: string): boolean {
    return this.#busyWith(name) > 0
  }

  #busyWith(name: string): number {
    return this.#busy.get(name) ?? 0
  }

  /** Begins a piece of work; it stands at its first point until it is told to go on. */
  take(work: Work): Task {
    return work.type === 'pass' ? this.#takePass(work.name) : this.#takeClaim(work.kind, work.isSuspect)
  }

  #takePass(name: string): Task {
    return this.#task(name, async () => {
      const found = this.#controllers?.passes.find((each) => each.name === name)
      this.#passAtMs.set(name, Infinity)
      try {
        const pauseMs = (await found?.run()) ?? Infinity
        this.#passFailures.delete(name)
        this.#passAgain(name, Math.max(pauseMs, minPauseMs))
      } catch (error) {
        this.#endIfFenced(error)
        const failures = (this.#passFailures.get(name) ?? 0) + 1
        this.#passFailures.set(name, failures)
        this.#log.warn({ err: error }, `the pass ${name} failed`)
        this.#passAgain(name, backoffMs(failures, this.#world.random(), { firstMs: 500, capMs: 10_000 }))
      }
    })
  }

  /** A wake-up during the pass is kept. */
  #passAgain(name: string, pauseMs: number): void {
    this.#passAtMs.set(name, Math.min(this.#passAtMs.get(name) ?? Infinity, this.#world.nowMs + pauseMs))
  }

  #takeClaim(kind: string, isSuspect: boolean): Task {
    const name = isSuspect ? `${kind} (suspect)` : kind
    if (isSuspect) {
      this.#hasSuspect = true
      this.#suspectsAtMs = this.#world.nowMs + suspectsEveryMs
    }
    const task: Task = this.#task(kind, name, async () => {
      try {
        await this.#runClaim(task, kind, isSuspect)
      } catch (error) {
        this.#endIfFenced(error)
        this.#log.warn({ err: error }, `${kind}: cannot claim or settle`)
      } finally {
        if (isSuspect) this.#hasSuspect = false
      }
    })
    return task
  }

  async #runClaim(task: Task, kind: string, isSuspect: boolean): Promise<void> {
    const reconciler = this.#reconcilers.find((each) => each.kind === kind)
    if (reconciler === undefined) return
    const fromMs = this.#world.nowMs
    task.label = 'claim'
    const [claim] = await this.#store.claimDue(kind, { limit: 1, suspects: isSuspect })
    task.label = null
    if (claim === undefined) return
    if (isSuspect) this.#suspectsAtMs = Number.NEGATIVE_INFINITY
    const held = this.#hold(claim, fromMs)
    try {
      const lease = new Lease(
        claim,
        this.#heldLease(held),
        this.#world.ground.clock,
        new AbortController().signal,
      )
      const { random } = this.#world
      const isFatal = (error: unknown): boolean => isSkykeepError(error, 'FENCED')
      const settlement = await runClaim(reconciler, lease, { random, log: this.#log, isFatal })
      task.label = 'settle'
      await this.#store.settle(claim, settlement)
    } finally {
      this.#held.delete(held)
    }
  }

  #hold(claim: Claim, fromMs: number): Held {
    const held = { claim, untilMs: fromMs + leaseMs, beatAtMs: fromMs + leaseMs / 2 }
    this.#held.add(held)
    return held
  }

  #heldLease(held: Held): HeldLease {
    return { validUntilMs: () => held.untilMs, release: () => undefined }
  }

  /** When its heartbeat renews a lease; null while it holds none or stands still. */
  get nextBeatMs(): number | null {
    if (this.isStopped || !this.isAlive || this.#held.size === 0) return null
    return Math.min(...[...this.#held].map(({ beatAtMs }) => beatAtMs))
  }

  /** What its heartbeat thread does. */
  async beatIfDue(): Promise<void> {
    const { nowMs, ground } = this.#world
    if (this.isStopped || !this.isAlive) return
    for (const held of this.#held) {
      if (held.beatAtMs > nowMs) continue
      try {
        const lost = await ground.database.transaction((tx) => renew(tx, [leaseOf(held.claim)]), {
          fence: this.fence,
        })
        held.untilMs = lost.length === 0 ? nowMs + leaseMs : 0
      } catch (error) {
        this.#endIfFenced(error)
      }
      held.beatAtMs = held.untilMs === 0 ? Infinity : nowMs + leaseMs / 2
    }
  }

  #endIfFenced(error: unknown): void {
    if (isSkykeepError(error, 'FENCED')) this.#endWith(error)
  }

  #endWith(error: unknown): void {
    this.#log.warn({ err: error }, 'it ends')
    this.kill()
  }

  /** SIGKILL. */
  kill(): void {
    this.isAlive = false
    this.#held.clear()
    for (const task of this.tasks) task.kill()
    this.tasks.length = 0
  }

  #task(
    name: string,
    ...rest: readonly [() => Promise<void>] | readonly [string, () => Promise<void>]
  ): Task {
    const [label, run] = rest.length === 1 ? [name, rest[0]] : rest
    this.#busy.set(name, this.#busyWith(name) + 1)
    const { onPoint } = this.#world.options
    const task = new Task({
      name: `${this.name} ${label}`,
      run: async () => {
        try {
          await run()
        } finally {
          this.#busy.set(name, this.#busyWith(name) - 1)
          const index = this.tasks.indexOf(task)
          if (index >= 0) this.tasks.splice(index, 1)
        }
      },
      ...(onPoint === undefined ? {} : { onPoint }),
    })
    this.tasks.push(task)
    return task
  }
}
