import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Replica, Service } from '@skykeep/core/nouns'
import type { ServiceSpec } from '@skykeep/core/service-spec'
import { openDatabase } from '@skykeep/db/connect'
import { insertEndpoint } from '@skykeep/db/endpoints'
import type { Database } from '@skykeep/db/handles'
import { insertOperation } from '@skykeep/db/operations'
import { listReplicas } from '@skykeep/db/replicas'
import { insertServiceVersion } from '@skykeep/db/service-versions'
import { getService, insertService, setServiceDesired } from '@skykeep/db/services'
import { foldersOf, layoutOf, type Layout } from '@skykeep/persistent-path/layout'
import { prepareDatabase } from '@skykeep/testing/databases'
import { migrationsDir } from '@skykeep/testing/migrations'
import { until } from '@skykeep/testing/until'
import { randomIds } from '@skykeep/secrets/random-ids'
import { workerClock } from '../src/worker-clock.ts'
import { FakeGateway } from './fake-gateway.ts'

const mainFile = new URL('../src/main.ts', import.meta.url).pathname
const scriptsDir = new URL('../../../packages/node-runtime/sh', import.meta.url).pathname

/** Answers on $PORT with its replica number; tells its own pid and where it began. */
export const helloRun = `exec node -e '
const { appendFileSync } = require("node:fs")
appendFileSync(process.env.STARTS, process.env.SKYPILOT_SERVE_REPLICA_ID + " " + process.pid + "\\n")
require("node:http").createServer((_, answer) => answer.end("hello " + process.env.SKYPILOT_SERVE_REPLICA_ID)).listen(process.env.PORT, "127.0.0.1")
'`

export interface SpecFields {
  readonly run?: string
  readonly setup?: string
  readonly probe?: Partial<ServiceSpec['service']['readinessProbe']>
  readonly resources?: Partial<ServiceSpec['task']['resources']>
  readonly scaling?: ServiceSpec['service']['scaling']
}

/** A persistent path with a database, a gateway of ours, and real workers that tests start, stop and kill. */
export class WorkerWorld {
  readonly layout: Layout
  readonly gateway: FakeGateway
  readonly database: Database
  readonly #workers: ChildProcess[] = []

  private constructor(layout: Layout, database: Database) {
    this.layout = layout
    this.database = database
    this.gateway = new FakeGateway(layout)
  }

  /** @param root an empty folder; without it a fresh one under the system's temporary folder. */
  static async create(root = mkdtempSync(join(tmpdir(), 'skw-'))): Promise<WorkerWorld> {
    const layout = layoutOf(root)
    for (const folder of foldersOf(layout)) mkdirSync(folder, { recursive: true, mode: 0o700 })
    const url = `file:${layout.stateDb}`
    await prepareDatabase(url)
    const world = new WorkerWorld(layout, await openDatabase({ url, clock: workerClock }))
    await world.gateway.start()
    return world
  }

  startWorker(more: Readonly<Record<string, string>> = {}): ChildProcess {
    const { root } = this.layout
    const output = openSync(join(root, 'worker.log'), 'a')
    const child = spawn(process.execPath, [mainFile], {
      cwd: root,
      env: {
        PATH: process.env['PATH'] ?? '',
        SKYKEEP_PERSISTENT_PATH: root,
        SKYKEEP_MIGRATIONS_DIR: migrationsDir,
        SKYKEEP_SCRIPTS_DIR: scriptsDir,
        SKYKEEP_LEASE_MS: '4000',
        ...more,
      },
      stdio: ['ignore', output, output],
    })
    this.#workers.push(child)
    return child
  }

  /** SIGKILL, and waits until it is gone. */
  async kill(worker: ChildProcess): Promise<void> {
    const isGone = exitOf(worker)
    worker.kill('SIGKILL')
    await isGone
  }

  /** SIGSTOP, outside of a database transaction: inside of one it would block every writer until it is killed. */
  async stop(worker: ChildProcess): Promise<void> {
    const probe = await openDatabase({
      url: `file:${this.layout.stateDb}`,
      clock: workerClock,
      lockWaitMs: 200,
    })
    const isFree = async (): Promise<boolean> => await probe.transaction(async () => true).catch(() => false)
    try {
      for (let tried = 0; tried < 50; tried += 1) {
        worker.kill('SIGSTOP')
        if (await isFree()) return
        worker.kill('SIGCONT')
        // A machine with much to do may not let it go on at all before the next stop.
        await until('the transaction ends', isFree)
      }
      throw new Error('it was inside of a transaction each time')
    } finally {
      await probe.close()
    }
  }

  async up(name: string, replicas: number, fields: SpecFields = {}): Promise<Service> {
    const uid = randomIds.uid('svc')
    const workdir = join(this.layout.versionDir(uid, 1), 'workdir')
    mkdirSync(workdir, { recursive: true })
    writeFileSync(join(workdir, 'note.txt'), 'from the version folder')
    return this.database.transaction(async (tx) => {
      const service = {
        uid,
        workspace: 'default',
        name,
        createdBy: 'usr_test',
        desiredVersion: 1,
        desiredReplicas: replicas,
      }
      const created = await insertService(tx, service)
      const spec = this.#spec(name, replicas, fields)
      await insertServiceVersion(tx, {
        uid: randomIds.uid('ver'),
        serviceUid: uid,
        version: 1,
        spec,
        yaml: '',
        createdBy: 'usr_test',
      })
      await insertEndpoint(tx, { service: { uid, name }, host: '127.0.0.1' })
      await this.#operation(tx, 'serve.up', created)
      return created
    })
  }

  async down({ uid, name }: Service): Promise<void> {
    await this.database.transaction(async (tx) => {
      const service = await setServiceDesired(tx, uid, { deletionRequestedAtMs: Date.now() })
      await this.#operation(tx, 'serve.down', { ...service, name })
    })
  }

  async scale({ uid }: Service, desiredReplicas: number): Promise<void> {
    await this.database.transaction((tx) => setServiceDesired(tx, uid, { desiredReplicas }))
  }

  service({ uid }: Service): Promise<Service> {
    return getService(this.database, uid)
  }

  /** All replicas that ever were, by number. */
  async replicas({ uid }: Service): Promise<readonly Replica[]> {
    const { items } = await listReplicas(this.database, {
      serviceUid: uid,
      isHistoryIncluded: true,
      limit: 500,
    })
    return items.toSorted((a, b) => a.replicaId - b.replicaId)
  }

  /** Waits until exactly so many replicas are READY and nothing else lives. */
  untilReady(service: Service, count: number, deadlineMs = 30_000): Promise<readonly Replica[]> {
    return until(
      `${service.name} has ${count} ready replicas`,
      async () => {
        const living = (await this.replicas(service)).filter(({ status }) => status !== 'TERMINATED')
        const isDone = living.length === count && living.every(({ status }) => status === 'READY')
        return isDone && living
      },
      deadlineMs,
    )
  }

  /** `replica number, pid` of every process that a job of this world ever started. */
  starts(): readonly (readonly [replicaId: number, pid: number])[] {
    const text = readFileSync(this.#startsFile(), { encoding: 'utf8', flag: 'a+' })
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [replicaId, pid] = line.split(' ')
        return [Number(replicaId), Number(pid)] as const
      })
  }

  /** Node folders that are there now. */
  nodes(): readonly string[] {
    return readdirSync(this.layout.localDir).filter((name) => !name.startsWith('.'))
  }

  log(): string {
    return readFileSync(join(this.layout.root, 'worker.log'), 'utf8')
  }

  /** Ends every worker and removes the path; prints the worker's log where a test failed. */
  async destroy(isFailed = false): Promise<void> {
    if (isFailed) process.stderr.write(this.log().slice(-8_000))
    for (const worker of this.#workers) {
      if (worker.exitCode !== null || worker.signalCode !== null) continue
      worker.kill('SIGCONT')
      await this.kill(worker)
    }
    for (const [, pid] of this.starts()) killQuietly(pid)
    await this.gateway.stop()
    await this.database.close()
    rmSync(this.layout.root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
  }

  #startsFile(): string {
    return join(this.layout.root, 'starts')
  }

  #spec(name: string, replicas: number, fields: SpecFields): ServiceSpec {
    const { run = helloRun, setup, probe, resources, scaling } = fields
    return {
      specVersion: 1,
      name,
      task: {
        run,
        ...(setup === undefined ? {} : { setup }),
        envs: { STARTS: this.#startsFile() },
        secretNames: [],
        resources: { infra: 'local', ports: [], ...resources },
      },
      service: {
        readinessProbe: {
          path: '/',
          initialDelaySeconds: 1_200,
          timeoutSeconds: 5,
          intervalSeconds: 2,
          failureThresholdSeconds: 180,
          headers: {},
          ...probe,
        },
        replicas,
        ...(scaling === undefined ? {} : { scaling }),
        loadBalancingPolicy: 'least_load',
      },
    }
  }

  async #operation(
    tx: Parameters<typeof insertOperation>[0],
    verb: string,
    { uid, name }: Service,
  ): Promise<void> {
    const target = { targetKind: 'service', targetUid: uid, targetName: name } as const
    await insertOperation(tx, {
      uid: randomIds.uid('op'),
      workspace: 'default',
      verb,
      ...target,
      requestedBy: 'usr_test',
    })
  }
}

/** The exit code of a process, or the signal that ended it. */
export function exitOf(child: ChildProcess): Promise<number | NodeJS.Signals | null> {
  if (child.exitCode !== null || child.signalCode !== null)
    return Promise.resolve(child.exitCode ?? child.signalCode)
  return new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? signal)))
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It is gone already.
  }
}
