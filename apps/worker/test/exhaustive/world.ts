import type { GatewayChannel } from '@skykeep/controllers/routes/gateway-channel'
import type { IdSource } from '@skykeep/core/ids'
import type { RouteTable } from '@skykeep/core/routes'
import type { Database } from '@skykeep/db/handles'
import { raiseFence } from '@skykeep/db/fence'
import { jobIdOf } from '@skykeep/node-runtime/job'
import { SimCloud, type SimCloudSettings } from '@skykeep/provider-sim/sim-cloud'
import { defaultZones, type SimZone } from '@skykeep/provider-sim/sim-catalog'
import { emptyWorld, type SimWorld } from '@skykeep/provider-sim/sim-world'
import { SimulatedGateway, type GatewayGround } from '@skykeep/testing/simulation/gateway'
import { seededRandom } from '@skykeep/testing/simulation/random'
import { pass, passBy, type Point, type Task } from '@skykeep/testing/simulation/task'
import { beginningMs, type Ground } from './ground.ts'
import { SimulatedWorker } from './worker.ts'
import { Witness } from './witness.ts'

/** Everything of a world as plain data: the same start for any number of runs. */
export interface WorldImage {
  readonly folder: string
  readonly cloud: SimWorld
  readonly table: RouteTable | null
  readonly load: GatewayGround['load']
  readonly wallMs: number
  readonly monotonicMs: number
  readonly ids: number
  readonly fence: number
  /** Lives of workers so far. */
  readonly workers: number
}

export interface WorldOptions {
  readonly seed: number
  /** Continue here; absent: an empty installation. */
  readonly image?: WorldImage
  /** Each write says what it was. */
  readonly isNamed?: boolean
  /** All nodes share one host and its ports, as those of one machine do. */
  readonly isHostShared?: boolean
  readonly consistencyWindowMs?: number
  readonly accidents?: SimCloudSettings['accidents']
  readonly onPoint?: (task: Task, point: Point) => void
  /** False: nobody can prove that a worker is dead, so its leases run out by standing still. Absent: true. */
  readonly isDeathProven?: boolean
}

export const gatewayCount = 2
const gatewayLookMs = 1_000

/** One installation with nothing real but its database: cloud, gateways, time and processes are simulated. */
export class World {
  readonly ground: Ground
  readonly options: WorldOptions
  readonly random: () => number
  readonly database: Database
  readonly cloud: SimCloud
  readonly gatewayGround: GatewayGround
  readonly gateways: readonly SimulatedGateway[]
  readonly witness: Witness
  readonly workers: SimulatedWorker[] = []
  readonly log: string[] = []
  fence = 1
  commits = 0
  #ids = 0
  #gatewaysLookAtMs = 0
  #lastSeq = -1
  readonly #stopListening: () => void

  private constructor(ground: Ground, options: WorldOptions) {
    const { image, seed } = options
    this.ground = ground
    this.options = options
    this.random = seededRandom(seed)
    this.database = options.isNamed === true ? ground.namedPoints : ground.points
    ground.clock.standAt(image?.wallMs ?? beginningMs, image?.monotonicMs ?? 0)
    this.#ids = image?.ids ?? 0
    this.fence = image?.fence ?? 1
    this.gatewayGround = {
      clock: ground.clock,
      table: image?.table ?? null,
      load: new Map(image?.load),
      held: new Map(),
      blockedPorts: new Set(),
      isTaking: (name) => this.gateways.find(({ isAlive }) => isAlive)?.name === name,
    }
    this.gateways = Array.from({ length: gatewayCount }, (_, slot) => {
      const gateway = new SimulatedGateway(`gateway-${slot}`, this.gatewayGround)
      gateway.start()
      return gateway
    })
    this.cloud = new SimCloud({
      // Somebody who sets this machine's clock does not set the cloud's.
      clock: { now: () => this.cloudMs },
      seed: String(seed),
      jobIdOf,
      zones: quickZones,
      world: structuredClone(image?.cloud ?? emptyWorld()),
      ...(options.isHostShared === true ? { sharedHost: '127.0.0.1' } : {}),
      ...(options.consistencyWindowMs === undefined
        ? {}
        : { consistencyWindowMs: options.consistencyWindowMs }),
      ...(options.accidents === undefined ? {} : { accidents: options.accidents }),
      onCall: async (call) => {
        const { method, when, subject } = call
        if (effects.has(method)) await pass({ when, what: `${method} ${subject}` })
        this.witness.noteCall(call)
      },
    })
    this.witness = new Witness({
      clock: ground.clock,
      cloudMs: () => this.cloudMs,
      cloud: this.cloud.world,
      gateways: this.gateways,
      sideDoor: ground.sideDoor,
      held: this.gatewayGround.held,
      isRunning: (uid) => this.cloud.runtime.runningJobs().some(({ job }) => job.uid === uid),
    })
    this.#stopListening = ground.database.onCommit(() => this.#onCommit())
  }

  static async create(ground: Ground, options: WorldOptions): Promise<World> {
    if (options.image !== undefined) ground.putBack(options.image.folder)
    const world = new World(ground, options)
    if (options.image === undefined) world.fence = await raiseFence(ground.database)
    return world
  }

  get ids(): IdSource {
    return {
      uid: (prefix) => `${prefix}_${String((this.#ids += 1)).padStart(16, '0')}`,
      secret: () => String((this.#ids += 1)).padStart(43, '0'),
    }
  }

  /** The cloud's own time. */
  get cloudMs(): number {
    return beginningMs + this.nowMs
  }

  get nowMs(): number {
    return this.ground.clock.monotonicMs()
  }

  /** The way of a worker to the gateways. */
  readonly channel: GatewayChannel = {
    living: () => this.gateways.filter(({ isAlive }) => isAlive).map(({ name }) => name),
    call: async (name, request) => {
      const gateway = this.gateways.find((each) => each.name === name)
      if (gateway === undefined) throw new Error(`there is no ${name}`)
      return gateway.answer(request)
    },
  }

  /** Puts the snapshot on disk, as a worker does. */
  writeTable(table: RouteTable): void {
    passBy({ when: 'before', what: `route file ${table.version}` })
    this.witness.noteTable(table)
    this.gatewayGround.table = table
    passBy({ when: 'after', what: `route file ${table.version}` })
  }

  startWorker(): SimulatedWorker {
    const before = this.options.image?.workers ?? 0
    const worker = new SimulatedWorker(this, before + this.workers.length + 1)
    this.workers.push(worker)
    return worker
  }

  /** A later plane takes over: the fencing number of those before is refused from now on. */
  async raiseFence(): Promise<void> {
    this.fence = await raiseFence(this.ground.database)
  }

  get living(): readonly SimulatedWorker[] {
    return this.workers.filter(({ isAlive }) => isAlive)
  }

  /** Workers that ever died here, those before its image among them. */
  get deaths(): number {
    return (this.options.image?.workers ?? 0) + this.workers.length - this.living.length
  }

  /** Lets time pass; what happens by itself in it happens. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms
    while (this.nowMs < untilMs) {
      const beatsMs = this.living.flatMap((worker) => worker.nextBeatMs ?? [])
      const nextMs = Math.min(untilMs, this.#gatewaysLookAtMs, ...beatsMs)
      this.ground.clock.pass(Math.max(nextMs - this.nowMs, 0))
      for (const worker of this.living) await worker.beatIfDue()
      if (this.nowMs >= this.#gatewaysLookAtMs) this.#letGatewaysLook()
    }
  }

  #letGatewaysLook(): void {
    for (const gateway of this.gateways) gateway.look()
    this.#gatewaysLookAtMs = this.nowMs + gatewayLookMs
  }

  #onCommit(): void {
    this.commits += 1
    const seq = this.ground.sideDoor.rows<{ last_seq: number }>('event_sequence')[0]?.last_seq ?? 0
    if (seq === this.#lastSeq) return
    this.#lastSeq = seq
    this.witness.noteCommit()
    // Commits that change nothing that stands in the log make no route due.
    for (const worker of this.living) worker.noteChange()
  }

  takeImage(): WorldImage {
    const { clock } = this.ground
    return {
      folder: this.ground.takeImage(),
      cloud: structuredClone(this.cloud.world),
      table: this.gatewayGround.table,
      load: new Map(this.gatewayGround.load),
      wallMs: clock.now(),
      monotonicMs: clock.monotonicMs(),
      ids: this.#ids,
      fence: this.fence,
      workers: (this.options.image?.workers ?? 0) + this.workers.length,
    }
  }

  /** Ends every process of it: the ground is free for the next world. */
  leave(): void {
    this.#stopListening()
    for (const worker of this.workers) worker.kill()
  }
}

/** A cloud whose nodes boot fast: every look at one that still boots is a look that tells nothing new. */
const quickZones: readonly SimZone[] = defaultZones.map((zone): SimZone =>
  Object.assign({}, zone, { bootMs: [100, 900] }),
)

/** Calls that change something; the others only look. */
const effects = new Set(['createNode', 'deleteNode', 'startJob', 'stopJob'])
