import { join, relative } from 'node:path'
import type { ControllerContext } from '@skykeep/controllers/context'
import { createEngineStore } from '@skykeep/controllers/engine-store'
import { probeReplica } from '@skykeep/controllers/replicas/http-probe'
import type { RoutePublisher } from '@skykeep/controllers/routes/publisher'
import { OpenOperations } from '@skykeep/controllers/operations/open-operations'
import { StorageHealth } from '@skykeep/controllers/storage-health'
import type { Sweep } from '@skykeep/controllers/sweep/sweep'
import { isSkykeepError } from '@skykeep/core/errors'
import type { Database } from '@skykeep/db/handles'
import { Engine } from '@skykeep/engine/engine'
import { PeriodicTask } from '@skykeep/engine/periodic-task'
import { NodeRuntime } from '@skykeep/node-runtime/node-runtime'
import type { Layout } from '@skykeep/persistent-path/layout'
import { isProcessAlive } from '@skykeep/persistent-path/process-identity'
import type { Provider } from '@skykeep/provider-contract/provider'
import { LocalProvider } from '@skykeep/provider-local/local-provider'
import { SimProvider } from '@skykeep/provider-sim/sim-provider'
import { randomIds } from '@skykeep/secrets/random-ids'
import type { Log } from '@skykeep/telemetry/log'
import type { WorkerEnv } from './env.ts'
import { buildControllers, type Controllers } from './controllers.ts'
import { gatewaySockets } from './gateway-sockets.ts'
import { isPortFree } from './port-probe.ts'
import { retentionPass } from './retention-pass.ts'
import { writeRouteFile } from './route-file.ts'
import { openServiceSecrets } from './service-secrets.ts'
import type { Heartbeat } from './start-heartbeat.ts'
import type { WorkerTelemetry } from './telemetry.ts'
import { workerClock } from './worker-clock.ts'

/** What the worker has opened before anything runs. */
export interface WorkerParts {
  readonly env: WorkerEnv
  readonly layout: Layout
  readonly log: Log
  readonly database: Database
  readonly fence: number
  readonly installationId: string
  /** This process life: the owner of its leases. */
  readonly owner: string
  /** Why this process controls what it finds. */
  readonly trigger: string
  readonly heartbeat: Heartbeat
  readonly telemetry: WorkerTelemetry
  /** Ends the process: another plane took over. */
  readonly onFenced: (error: unknown) => void
}

export interface Worker {
  readonly storage: StorageHealth
  readonly publisher: RoutePublisher
  readonly engine: Engine
  readonly sweep: Sweep
  start(): void
  /** Something was committed, by any process. */
  noteChange(): void
  /** A request waits for a replica of the service. @throws NOT_FOUND when there is no such service. */
  wakeParked(serviceUid: string): Promise<void>
  /** @returns true when all that ran came to its end within `graceMs`. */
  stop(graceMs: number): Promise<boolean>
}

const startSpreadMs = 1_000

/** Builds every controller: the only place that knows concrete infras. */
export function buildWorker(parts: WorkerParts): Worker {
  const { database, fence, log } = parts
  const context: ControllerContext = {
    database,
    fence,
    clock: workerClock,
    ids: randomIds,
    log,
    installationId: parts.installationId,
    providers: providersOf(parts),
    openOperations: new OpenOperations(),
  }
  const storage = new StorageHealth(context)
  const noteFailure = (error: unknown): void => {
    if (isSkykeepError(error, 'FENCED')) parts.onFenced(error)
    else storage.noteFailure(error)
  }
  const periodic = (name: string, pass: () => Promise<number>): PeriodicTask =>
    new PeriodicTask({ name, log, random: Math.random, pass, minPauseMs: 50, onFailure: noteFailure })

  const controllers = controllersOf(parts, context, () => routesTask?.wake())
  const tasks = controllers.passes.map(({ name, run }) => ({ name, task: periodic(name, run) }))
  const routesTask = tasks.find(({ name }) => name === 'routes')?.task
  const retention = periodic('retention', retentionPass({ ...parts, context, storage }))
  const engine = new Engine({
    store: createEngineStore({ database, fence, owner: parts.owner, leaseMs: parts.env.leaseMs }),
    keeper: parts.heartbeat.keeper,
    clock: workerClock,
    random: Math.random,
    log,
    reconcilers: controllers.reconcilers,
    startSpreadMs,
    observer: parts.telemetry.engine,
    isFatal: (error) => isSkykeepError(error, 'FENCED'),
    onFatal: parts.onFenced,
    onStoreHealth: (fault) => {
      if (fault === null) void storage.noteSuccess().catch(noteFailure)
      else noteFailure(fault)
    },
  })
  return {
    storage,
    publisher: controllers.publisher,
    engine,
    sweep: controllers.sweep,
    start: () => {
      engine.start()
      for (const { task } of tasks) task.start()
      retention.start()
    },
    noteChange: () => {
      engine.wake()
      controllers.publisher.noteChange()
      routesTask?.wake()
    },
    wakeParked: controllers.wakeParked,
    stop: async (graceMs) => {
      const stopped = [retention.stop(), ...tasks.map(({ task }) => task.stop())]
      const [isDrained] = await Promise.all([engine.drain(graceMs), ...stopped])
      return isDrained
    },
  }
}

function providersOf({ env, layout, installationId, telemetry }: WorkerParts): ReadonlyMap<string, Provider> {
  const jobEnv = { PATH: env.jobPath, LANG: 'C.UTF-8' }
  const local = new LocalProvider({ root: layout.localDir, jobEnv, clock: workerClock })
  // Its nodes are folders here too, beside those of `local`.
  const simRoot = join(layout.localDir, '.sim')
  const zones = env.simZones
  const sim = new SimProvider({ root: simRoot, jobEnv, clock: workerClock, seed: installationId, zones })
  const watched = [local, sim].map((provider) => telemetry.watchProvider(provider))
  return new Map<string, Provider>(watched.map((provider) => [provider.infra, provider]))
}

function controllersOf(
  parts: WorkerParts,
  context: ControllerContext,
  onRoutesWake: () => void,
): Controllers {
  const { env, layout, database } = parts
  const keySource = { file: layout.masterKey, given: env.masterKey }
  return buildControllers({
    context,
    channel: gatewaySockets(layout),
    trigger: parts.trigger,
    onRoutesWake,
    writeTable: (table) => writeRouteFile(layout, table),
    versionDirOf: (serviceUid, version) => relative(layout.root, layout.versionDir(serviceUid, version)),
    runtime: parts.telemetry.watchRuntime(new NodeRuntime({ scriptsDir: env.scriptsDir })),
    effectDeadlineMs: Math.floor(env.leaseMs / 3),
    workdirOf: (serviceUid, version) => join(layout.versionDir(serviceUid, version), 'workdir'),
    secretsOf: (serviceUid, version) => openServiceSecrets(database, keySource, { serviceUid, version }),
    probe: probeReplica,
    isPortFree,
    isProcessAlive,
    logFolderOf: ({ serviceUid, replicaId }) => join(layout.serviceLogsDir(serviceUid), String(replicaId)),
  })
}
