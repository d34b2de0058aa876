import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Retention } from '@skykeep/controllers/retention/retention'
import type { StorageState } from '@skykeep/controllers/storage-health'
import type { Replica, Service } from '@skykeep/core/nouns'
import type { RetentionLimits } from '@skykeep/core/retention'
import { retentionWith } from '@skykeep/core/retention'
import { insertEndpoint } from '@skykeep/db/endpoints'
import { raiseFence } from '@skykeep/db/fence'
import type { Database, Tx } from '@skykeep/db/handles'
import { getInstallation } from '@skykeep/db/installation'
import { insertOperation } from '@skykeep/db/operations'
import { insertReplica } from '@skykeep/db/replicas'
import { insertServiceSecrets } from '@skykeep/db/service-secrets'
import { insertServiceVersion } from '@skykeep/db/service-versions'
import { insertService } from '@skykeep/db/services'
import { transition } from '@skykeep/db/transition'
import { foldersOf, layoutOf, type Layout } from '@skykeep/persistent-path/layout'
import type { Provider } from '@skykeep/provider-contract/provider'
import { LocalProvider } from '@skykeep/provider-local/local-provider'
import type { DatabaseSource } from '@skykeep/testing/databases'
import { FakeClock } from '@skykeep/testing/fake-clock'
import { specOf } from '../builders.ts'

export const hourMs = 3_600_000
export const dayMs = 24 * hourMs
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** A persistent path with a database, and a retention pass that runs when it is told to. */
export class RetentionWorld {
  readonly layout: Layout
  readonly database: Database
  readonly clock: FakeClock
  readonly installationId: string
  readonly fence: number
  readonly local: LocalProvider
  readonly health: { state: StorageState } = { state: { state: 'ok', reason: '', sinceMs: null } }
  freeBytes = 1e12
  #made = 0

  private constructor(
    layout: Layout,
    database: Database,
    clock: FakeClock,
    own: { readonly installationId: string; readonly fence: number },
  ) {
    this.layout = layout
    this.database = database
    this.clock = clock
    this.installationId = own.installationId
    this.fence = own.fence
    this.local = new LocalProvider({ root: layout.localDir, jobEnv: {}, clock })
  }

  static async create(source: DatabaseSource): Promise<RetentionWorld> {
    const clock = new FakeClock()
    const { database } = await source.create({ clock })
    const layout = layoutOf(mkdtempSync(join(tmpdir(), 'skk-')))
    for (const folder of foldersOf(layout)) mkdirSync(folder, { recursive: true, mode: 0o700 })
    const fence = await raiseFence(database)
    const { uid: installationId } = await getInstallation(database)
    return new RetentionWorld(layout, database, clock, { installationId, fence })
  }

  /** A retention whose clock is believed already: an hour has passed since it began. */
  retention(limits: Partial<RetentionLimits> = {}, providers: readonly Provider[] = [this.local]): Retention {
    const made = this.fresh(limits, providers)
    this.clock.pass(hourMs)
    return made
  }

  /** One that has just begun. */
  fresh(limits: Partial<RetentionLimits>, providers: readonly Provider[] = [this.local]): Retention {
    return new Retention({
      database: this.database,
      fence: this.fence,
      clock: this.clock,
      ids: { uid: (prefix) => this.uid(prefix), secret: () => 'secret' },
      log: quiet,
      installationId: this.installationId,
      providers: new Map(providers.map((provider) => [provider.infra, provider])),
      limits: { ...retentionWith({}), ...limits },
      paths: this.layout,
      storage: this.health,
      reserveBytes: 64 << 20,
      space: () => ({ freeBytes: this.freeBytes, totalBytes: 1e12 }),
      writeFile: (path, text) => writeFileSync(path, text, { mode: 0o600 }),
    })
  }

  /** One pass in which everything is due. */
  async pass(retention: Retention): Promise<void> {
    this.clock.pass(hourMs)
    await retention.pass()
  }

  uid(prefix: string): string {
    this.#made += 1
    return `${prefix}_${String(this.#made).padStart(16, '0')}`
  }

  write<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.database.transaction(work)
  }

  /** A service with its first version and a port. */
  async service(name: string): Promise<Service> {
    const uid = this.uid('svc')
    const service = await this.write(async (tx) => {
      const base = { workspace: 'default', createdBy: 'usr_a', desiredVersion: 1, desiredReplicas: 1 }
      const made = await insertService(tx, { uid, name, ...base })
      await insertEndpoint(tx, { service: { uid, name }, host: '127.0.0.1' })
      return made
    })
    await this.version(service, 1)
    return service
  }

  /** A version with a folder and a secret. */
  async version({ uid: serviceUid }: Service, version: number, taskVersion = version): Promise<void> {
    mkdirSync(join(this.layout.versionDir(serviceUid, version), 'workdir'), { recursive: true })
    await this.write(async (tx) => {
      const row = { uid: this.uid('ver'), serviceUid, version, taskVersion, yaml: '', createdBy: 'usr_a' }
      await insertServiceVersion(tx, { ...row, spec: specOf() })
      await insertServiceSecrets(tx, { serviceUid, version }, { TOKEN: 'cipher' })
    })
  }

  /** Ends a service without a controller. */
  async end({ uid }: Service): Promise<void> {
    await this.write(async (tx) => {
      await transition(tx, { kind: 'endpoint', uid, to: 'RELEASED', reason: 'SERVICE_DOWN' })
      await transition(tx, { kind: 'service', uid, to: 'SHUTTING_DOWN', reason: 'DOWN' })
      await transition(tx, { kind: 'service', uid, to: 'TERMINATED', reason: 'DOWN' })
    })
  }

  /** Replicas of version 1 that ended, with a kept log each. */
  async endedReplicas(service: Service, count: number): Promise<readonly Replica[]> {
    const replicas: Replica[] = []
    for (let made = 0; made < count; made += 1) {
      const replica = await this.replica(service)
      await this.write((tx) =>
        transition(tx, { kind: 'replica', uid: replica.uid, to: 'TERMINATED', reason: 'REMOVED' }),
      )
      this.log(join(this.layout.serviceLogsDir(service.uid), String(replica.replicaId)), 100)
      replicas.push(replica)
    }
    return replicas
  }

  replica(service: Service, version = 1): Promise<Replica> {
    const { uid, name } = service
    return this.write((tx) =>
      insertReplica(tx, { uid: this.uid('rep'), service: { uid, name }, version, infra: 'local' }),
    )
  }

  /** An operation, by default one that succeeded. */
  async operation(service: Service, isEnded = true): Promise<string> {
    const uid = this.uid('op')
    await this.write(async (tx) => {
      const target = { targetKind: 'service', targetUid: service.uid, targetName: service.name } as const
      await insertOperation(tx, {
        uid,
        workspace: 'default',
        verb: 'serve.up',
        ...target,
        requestedBy: 'usr_a',
      })
      if (!isEnded) return
      await transition(tx, { kind: 'operation', uid, to: 'RUNNING', reason: 'STARTED' })
      await transition(tx, { kind: 'operation', uid, to: 'SUCCEEDED', reason: 'DONE' })
    })
    return uid
  }

  /** A kept log of so many bytes that ended at a wall time. */
  log(folder: string, bytes: number, atMs = this.clock.now()): void {
    mkdirSync(folder, { recursive: true })
    const segment = join(folder, `${'0'.repeat(20)}.seg`)
    writeFileSync(segment, Buffer.alloc(bytes))
    for (const path of [segment, folder]) utimesSync(path, atMs / 1_000, atMs / 1_000)
  }

  /** A file as old as that. */
  file(path: string, atMs: number): void {
    writeFileSync(path, 'x')
    utimesSync(path, atMs / 1_000, atMs / 1_000)
  }

  names(folder: string): readonly string[] {
    return readdirSync(folder).toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
  }

  destroy(): void {
    rmSync(this.layout.root, { recursive: true, force: true })
  }
}

/** What tests count of a table. */
export async function rowsOf(
  { client }: Database,
  table:
    | 'replica'
    | 'operation'
    | 'reconciliation'
    | 'serviceSecret'
    | 'spotLocation'
    | 'requestCount'
    | 'idempotencyKey',
): Promise<number> {
  const counts = {
    replica: () => client.replica.count(),
    operation: () => client.operation.count(),
    reconciliation: () => client.reconciliation.count(),
    serviceSecret: () => client.serviceSecret.count(),
    spotLocation: () => client.spotLocation.count(),
    requestCount: () => client.requestCount.count(),
    idempotencyKey: () => client.idempotencyKey.count(),
  }
  return await counts[table]()
}
