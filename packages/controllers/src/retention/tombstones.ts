import {
  deleteTombstones,
  servicesWithTombstones,
  surplusTombstones,
  type Tombstone,
} from '@skykeep/db/prune-replicas'
import { pruneBatch } from '@skykeep/db/prune-history'
import { isProviderError } from '@skykeep/provider-contract/errors'
import { join } from 'node:path'
import { write } from '../context.ts'
import { removePath } from './files.ts'
import type { RetentionParts, RetentionPass } from './parts.ts'

/** A replica that ended is a tombstone for at least so long: a create that comes late is reaped by it (invariant 3). */
const leastAgeMs = 24 * 3_600_000
/** Two listings at least this far apart must show nothing of it. */
const leastApartMs = 30_000

/** Removes replicas that ended, once the infra's listings have shown that no node of theirs is left. */
export class Tombstones {
  readonly #parts: RetentionParts
  /** Monotonic time of the first listing that did not show a candidate's node; only of what is a candidate now. */
  #missingSinceMs: ReadonlyMap<string, number> = new Map()

  constructor(parts: RetentionParts) {
    this.#parts = parts
  }

  /** @param endedServices services whose whole history goes. */
  async prune(pass: RetentionPass, endedServices: readonly string[]): Promise<void> {
    const proven = await this.#proven(await this.#candidates(pass, endedServices))
    const batches = Array.from({ length: Math.ceil(proven.length / pruneBatch) }, (_, index) =>
      proven.slice(index * pruneBatch, (index + 1) * pruneBatch),
    )
    const gone = await pass.drain(async () => await this.#remove(batches.shift() ?? []))
    pass.note('replicas', gone)
  }

  async #remove(batch: readonly Tombstone[]): Promise<number> {
    if (batch.length === 0) return 0
    const uids = batch.map(({ uid }) => uid)
    const gone = new Set(await write(this.#parts, (tx) => deleteTombstones(tx, uids)))
    for (const { serviceUid, replicaId } of batch.filter(({ uid }) => gone.has(uid))) {
      const logs = this.#parts.paths.serviceLogsDir(serviceUid)
      await removePath(this.#parts, join(logs, String(replicaId)))
    }
    return gone.size
  }

  async #candidates(pass: RetentionPass, endedServices: readonly string[]): Promise<readonly Tombstone[]> {
    const beforeMs = pass.before(leastAgeMs)
    if (beforeMs === null) return []
    const { database, limits } = this.#parts
    const keep = limits.endedReplicas
    const crowded = await servicesWithTombstones(database, keep)
    const found: Tombstone[] = []
    for (const serviceUid of endedServices) {
      found.push(...(await surplusTombstones(database, { serviceUid, keep: 0, beforeMs })))
    }
    for (const serviceUid of crowded.filter((uid) => !endedServices.includes(uid))) {
      found.push(...(await surplusTombstones(database, { serviceUid, keep, beforeMs })))
    }
    return found
  }

  /** Those of which no listing shows a node: now, and at least once before. An infra that does not answer proves nothing. */
  async #proven(candidates: readonly Tombstone[]): Promise<readonly Tombstone[]> {
    const missing = new Map<string, number>()
    const nowMs = this.#parts.clock.monotonicMs()
    const proven: Tombstone[] = []
    for (const [infra, ofInfra] of Map.groupBy(candidates, (candidate) => candidate.infra)) {
      const provider = this.#parts.providers.get(infra)
      const listed = await this.#listedOwners(infra)
      if (provider === undefined || listed === null) continue
      const apartMs = Math.max(provider.consistencyWindowMs, leastApartMs)
      for (const candidate of ofInfra.filter(({ uid }) => !listed.has(uid))) {
        const sinceMs = this.#missingSinceMs.get(candidate.uid) ?? nowMs
        missing.set(candidate.uid, sinceMs)
        if (nowMs - sinceMs >= apartMs) proven.push(candidate)
      }
    }
    this.#missingSinceMs = missing
    return proven
  }

  async #listedOwners(infra: string): Promise<ReadonlySet<string> | null> {
    const { providers, installationId, log } = this.#parts
    try {
      const nodes = await providers.get(infra)?.listNodes(installationId)
      return nodes === undefined ? null : new Set(nodes.map(({ tags }) => tags.uid))
    } catch (error) {
      if (!isProviderError(error)) throw error
      log.warn({ err: error, infra }, 'ended replicas are kept: this infra cannot list what is left of them')
      return null
    }
  }
}
