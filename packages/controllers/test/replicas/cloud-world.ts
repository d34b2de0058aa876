import { createEngineStore } from '@skykeep/controllers/engine-store'
import { LivenessWatch } from '@skykeep/controllers/replicas/liveness'
import { replicaReconciler } from '@skykeep/controllers/replicas/controller'
import { WatchMemory } from '@skykeep/controllers/replicas/watch-memory'
import { RoutePublisher } from '@skykeep/controllers/routes/publisher'
import { serviceReconciler } from '@skykeep/controllers/services/controller'
import { Sweep } from '@skykeep/controllers/sweep/sweep'
import type { ControllerContext } from '@skykeep/controllers/context'
import type { Replica, Service } from '@skykeep/core/nouns'
import type { ServiceSpec } from '@skykeep/core/service-spec'
import { insertEndpoint } from '@skykeep/db/endpoints'
import { raiseFence } from '@skykeep/db/fence'
import type { Database } from '@skykeep/db/handles'
import { getInstallation } from '@skykeep/db/installation'
import { breakLeases } from '@skykeep/db/leases'
import { insertReplica, listReplicas, setReplicaUnwanted, type ReplicaOffer } from '@skykeep/db/replicas'
import { insertServiceVersion } from '@skykeep/db/service-versions'
import { getService, insertService, updateService } from '@skykeep/db/services'
import { Lease } from '@skykeep/engine/lease'
import { runClaim, type Reconciler } from '@skykeep/engine/run-claim'
import { jobIdOf } from '@skykeep/node-runtime/job'
import { SimCloud, type SimCall, type SimCloudSettings } from '@skykeep/provider-sim/sim-cloud'
import type { DatabaseSource } from '@skykeep/testing/databases'
import { FakeClock } from '@skykeep/testing/fake-clock'
import { specOf } from '../builders.ts'
import { ObedientGateway } from './obedient-gateway.ts'

export const serviceUid = 'svc_a'
const longestStepMs = 1_000
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** The worker was killed at a call to the cloud. */
class Killed extends Error {}

export interface WorldOptions extends Partial<Omit<SimCloudSettings, 'clock' | 'jobIdOf' | 'onCall'>> {
  /** The service controller runs too. Default false: a test says which replicas there are. */
  readonly isServiceDriven?: boolean
  /** Whether nobody else listens on a port of a host that is shared. Default: nobody does. */
  readonly isPortFree?: (port: number) => boolean
}

export interface TaskFields {
  readonly run?: string
  readonly resources?: Partial<ServiceSpec['task']['resources']>
  readonly service?: Partial<ServiceSpec['service']>
  readonly taskVersion?: number
}

/** A worker's replicas on a simulated cloud: real database, real controllers, and a clock that the test moves. */
export class CloudWorld {
  readonly clock: FakeClock
  readonly database: Database
  readonly cloud: SimCloud
  readonly gateway = new ObedientGateway()
  /** Lets a test look at a call, or end the worker in it by returning true. */
  killAt: (call: SimCall) => boolean | Promise<boolean> = () => false
  memory: WatchMemory
  /** Lives of the worker so far. */
  lives = 0
  readonly #options: WorldOptions
  #installationId = ''
  #fence = 0
  #ids = 0
  #versions = 0
  #process: Process | null = null

  private constructor(database: Database, clock: FakeClock, options: WorldOptions) {
    this.database = database
    this.clock = clock
    this.#options = options
    this.memory = new WatchMemory(clock)
    this.cloud = new SimCloud({
      seed: 'seed',
      ...options,
      clock,
      jobIdOf,
      onCall: async (call) => {
        if (await this.killAt(call)) throw new Killed(`killed ${call.when} ${call.method}`)
      },
    })
  }

  /** With one service of one version, which wants nothing unless it is driven. */
  static async create(
    source: DatabaseSource,
    fields: TaskFields = {},
    options: WorldOptions = {},
  ): Promise<CloudWorld> {
    const clock = new FakeClock()
    const { database } = await source.create({ clock })
    const world = new CloudWorld(database, clock, options)
    world.#fence = await raiseFence(database)
    world.#installationId = (await getInstallation(database)).uid
    await database.transaction(async (tx) => {
      const service = await insertService(tx, {
        uid: serviceUid,
        workspace: 'default',
        name: 'hello',
        createdBy: 'usr_a',
        desiredVersion: 1,
        desiredReplicas: fields.service?.replicas ?? 2,
      })
      await insertEndpoint(tx, { service, host: '127.0.0.1' })
      await updateService(tx, serviceUid, { targetVersion: 1, targetReplicas: 2 })
    })
    await world.addVersion(fields)
    return world
  }

  async addVersion({ run = 'ready=500', resources, service, taskVersion }: TaskFields = {}): Promise<number> {
    const version = (this.#versions += 1)
    const base = specOf(service)
    const spec: ServiceSpec = {
      ...base,
      task: { ...base.task, run, resources: { infra: 'sim', ports: [], ...resources } },
    }
    await this.database.transaction((tx) =>
      insertServiceVersion(tx, {
        uid: `ver_${version}`,
        serviceUid,
        version,
        spec,
        yaml: '',
        createdBy: 'usr_a',
        ...(taskVersion === undefined ? {} : { taskVersion }),
      }),
    )
    return version
  }

  /** The service aims at another version from now on. */
  async target(targetVersion: number): Promise<void> {
    await this.database.transaction((tx) => updateService(tx, serviceUid, { targetVersion }))
  }

  addReplica(version = 1, offer?: ReplicaOffer): Promise<Replica> {
    const uid = `rep_${(this.#ids += 1)}`
    const service = { uid: serviceUid, name: 'hello' }
    return this.database.transaction((tx) =>
      insertReplica(tx, { uid, service, version, infra: 'sim', ...(offer === undefined ? {} : { offer }) }),
    )
  }

  async unwant({ uid }: Replica): Promise<void> {
    await this.database.transaction((tx) => setReplicaUnwanted(tx, uid, 'TEST'))
  }

  service(): Promise<Service> {
    return getService(this.database, serviceUid)
  }

  /** All that ever were, by number. */
  async replicas(): Promise<readonly Replica[]> {
    const { items } = await listReplicas(this.database, { serviceUid, isHistoryIncluded: true, limit: 500 })
    return items.toSorted((a, b) => a.replicaId - b.replicaId)
  }

  async replica(replicaId: number): Promise<Replica> {
    const found = (await this.replicas()).find((each) => each.replicaId === replicaId)
    if (found === undefined) throw new Error(`there is no replica ${replicaId}`)
    return found
  }

  /** Lets time pass until the condition holds. @throws when it does not within `boundMs` of simulated time. */
  async until(what: string, isSo: () => Promise<boolean> | boolean, boundMs = 300_000): Promise<void> {
    const endMs = this.clock.monotonicMs() + boundMs
    while (this.clock.monotonicMs() <= endMs) {
      const dueInMs = await this.work()
      if (await isSo()) return
      this.clock.pass(Math.min(Math.max(dueInMs, 50), longestStepMs))
    }
    throw new Error(`not within ${boundMs} ms: ${what}: ${JSON.stringify(await this.replicas(), null, 1)}`)
  }

  untilStatus(replicaId: number, status: Replica['status'], boundMs?: number): Promise<void> {
    return this.until(
      `replica ${replicaId} is ${status}`,
      async () =>
        (await this.replicas()).some((each) => each.replicaId === replicaId && each.status === status),
      boundMs,
    )
  }

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    const endMs = this.clock.monotonicMs() + ms
    await this.until('time passes', () => this.clock.monotonicMs() >= endMs, ms + longestStepMs)
  }

  /** Nothing happens for a while, then everything that is due. */
  async skip(ms: number): Promise<void> {
    this.clock.pass(ms)
    await this.work()
  }

  /** One pass of a sweep. @returns what it calls orphans. */
  async sweep(): Promise<readonly string[]> {
    const { context } = (this.#process ??= await this.#begin())
    const sweep = new Sweep(context)
    await sweep.pass()
    return sweep.orphans
  }

  /** A later plane: what the earlier one holds counts no more. */
  async renewFence(): Promise<void> {
    this.kill()
    this.#fence = await raiseFence(this.database)
  }

  /** The worker dies; a new one comes with the next work. */
  kill(): void {
    this.#process?.stopListening()
    this.#process = null
  }

  /** Everything that is due now, once; a kill ends it. @returns milliseconds until something is due. */
  async work(): Promise<number> {
    this.#process ??= await this.#begin()
    const { store, reconcilers, publisher } = this.#process
    try {
      const pauseMs = await publisher.pass()
      for (const reconciler of reconcilers) {
        for (const claim of await store.claimDue(reconciler.kind, { limit: 8, suspects: false })) {
          const held = { validUntilMs: () => Infinity, release: () => undefined }
          const lease = new Lease(claim, held, this.clock, new AbortController().signal)
          const isFatal = (error: unknown): boolean => error instanceof Killed
          const settlement = await runClaim(reconciler, lease, { random: () => 0.5, log: quiet, isFatal })
          await store.settle(claim, settlement)
        }
      }
      const dueInMs = await store.dueInMs(reconcilers.map(({ kind }) => kind))
      return Math.min(pauseMs, ...dueInMs.values())
    } catch (error) {
      if (!(error instanceof Killed)) throw error
      this.kill()
      return 0
    }
  }

  async #begin(): Promise<Process> {
    this.lives += 1
    const { database, clock, cloud } = this
    const fence = this.#fence
    await database.transaction((tx) => breakLeases(tx, { isDead: () => true, isCharged: false }))
    const context: ControllerContext = {
      database,
      fence,
      clock,
      ids: { uid: (prefix) => `${prefix}_${(this.#ids += 1)}`, secret: () => 'secret' },
      log: quiet,
      installationId: this.#installationId,
      providers: new Map([[cloud.infra, cloud]]),
    }
    const publisher = new RoutePublisher({
      context,
      channel: this.gateway.channel,
      writeTable: (table) => (this.gateway.table = table),
      versionDirOf: () => 'nowhere',
      onWake: () => undefined,
    })
    this.memory = new WatchMemory(clock)
    const replicas = replicaReconciler({
      ...context,
      routes: publisher,
      memory: this.memory,
      liveness: new LivenessWatch({ context, isProcessAlive: () => true }),
      runtime: cloud.runtime,
      probe: (address, probe) => cloud.runtime.probe(address, probe),
      effectDeadlineMs: 5_000,
      workdirOf: () => '/nowhere',
      secretsOf: async () => ({}),
      isPortFree: async (_host, port) => this.#options.isPortFree?.(port) ?? true,
      isProcessAlive: () => true,
      logFolderOf: () => '/nowhere',
    })
    const services = serviceReconciler({ ...context, routes: publisher, onTakeOver: async () => undefined })
    return {
      context,
      store: createEngineStore({ database, fence, owner: `life-${this.lives}`, leaseMs: 15_000 }),
      reconcilers: this.#options.isServiceDriven === true ? [services, replicas] : [replicas],
      publisher,
      stopListening: database.onCommit(() => publisher.noteChange()),
    }
  }
}

interface Process {
  readonly context: ControllerContext
  readonly store: ReturnType<typeof createEngineStore>
  readonly reconcilers: readonly Reconciler[]
  readonly publisher: RoutePublisher
  readonly stopListening: () => void
}
