import { createServiceKey } from '../service-keys/create-service-key.ts'
import type { Database } from '@skykeep/db/handles'
import type { Service } from '@skykeep/core/nouns'
import { getServiceVersion } from '@skykeep/db/service-versions'
import type { ActionContext } from '../context.ts'

const expiresInSeconds = 3600
/** One that is about to expire is not shown any more. */
const spareMs = 60_000
/** Tells two processes' keys apart. */
const suffixLength = 8

interface OwnKey {
  readonly key: string
  readonly expiresAtMs: number
}

/** Keys that the control plane shows when it asks a service for a person: one a service and hour, kept in this process only. */
export class OwnKeys {
  static readonly #byDatabase = new WeakMap<Database, OwnKeys>()
  readonly #byService = new Map<string, OwnKey>()

  static of(database: Database): OwnKeys {
    const known = OwnKeys.#byDatabase.get(database) ?? new OwnKeys()
    OwnKeys.#byDatabase.set(database, known)
    return known
  }

  /** A key that holds; null where the version that the service aims at asks for none. */
  async keyFor(context: ActionContext, service: Service): Promise<string | null> {
    const { db, clock, ids } = context
    const { spec } = await getServiceVersion(db, service.uid, service.targetVersion)
    if (spec.service.access?.requireKey !== true) return null
    for (const [uid, { expiresAtMs }] of this.#byService)
      if (expiresAtMs - spareMs <= clock.now()) this.#byService.delete(uid)
    const known = this.#byService.get(service.uid)
    if (known !== undefined) return known.key
    const name = `dashboard-${ids.uid('key').slice(-suffixLength)}`
    const { key } = await createServiceKey(context, { service: service.name, name, expiresInSeconds })
    this.#byService.set(service.uid, { key, expiresAtMs: clock.now() + expiresInSeconds * 1000 })
    return key
  }

  /** It was refused: somebody revoked it. */
  drop(serviceUid: string): void {
    this.#byService.delete(serviceUid)
  }
}
