import type { ServiceSpec } from '@skykeep/core/service-spec'
import type { Database } from '@skykeep/db/handles'
import { getServiceVersion } from '@skykeep/db/service-versions'

export interface KnownVersion {
  readonly spec: ServiceSpec
  readonly taskVersion: number
}

/** Versions never change, so each is read once. */
export class VersionCache {
  readonly #database: Database
  readonly #services = new Map<string, Map<number, KnownVersion>>()

  constructor(database: Database) {
    this.#database = database
  }

  /** @throws NOT_FOUND */
  async get(serviceUid: string, version: number): Promise<KnownVersion> {
    const versions = this.#services.get(serviceUid) ?? new Map<number, KnownVersion>()
    this.#services.set(serviceUid, versions)
    const known = versions.get(version)
    if (known !== undefined) return known
    const { spec, taskVersion } = await getServiceVersion(this.#database, serviceUid, version)
    const read = { spec, taskVersion }
    versions.set(version, read)
    return read
  }

  /** First version with the same task, by version. A version that is not kept any more stands for itself. */
  async taskVersions(serviceUid: string, versions: Iterable<number>): Promise<ReadonlyMap<number, number>> {
    const tasks = new Map<number, number>()
    for (const version of new Set(versions)) {
      const known = await this.get(serviceUid, version).catch(() => null)
      tasks.set(version, known?.taskVersion ?? version)
    }
    return tasks
  }

  /** Forgets every other service. */
  keepOnly(serviceUids: ReadonlySet<string>): void {
    for (const uid of this.#services.keys()) if (!serviceUids.has(uid)) this.#services.delete(uid)
  }

  forget(serviceUid: string): void {
    this.#services.delete(serviceUid)
  }
}
