import type { Endpoint } from '@skykeep/core/nouns'
import type { RouteTable, SecondCounts } from '@skykeep/core/routes'
import { eventBounds } from '@skykeep/db/events'
import { loadRouteTable } from '@skykeep/db/route-state'
import { wake } from '@skykeep/db/reconciliations'
import { write, type ControllerContext } from '../context.ts'
import { VersionCache } from '../services/versions.ts'
import { CountCoverage } from './count-coverage.ts'
import { collectCounts, collectUnfinished } from './collect.ts'
import type { GatewayChannel } from './gateway-channel.ts'
import { haveAllApplied, inFlightTo } from './gateway-view.ts'
import { Gateways } from './gateways.ts'
import { LoadMemory, type ServiceLoad } from './load-view.ts'
import { decideTable, freeOldAddresses, isNewsOf, noteEndpoints, readSituation } from './publish.ts'
import {
  isReplicaUnrouted,
  isServiceUnrouted,
  routedReplicas,
  tableWithout,
  type RouteView,
} from './route-view.ts'

export interface RoutePublisherOptions {
  readonly context: ControllerContext
  readonly channel: GatewayChannel
  /** Writes the authenticated snapshot whole and durably. */
  readonly writeTable: (table: RouteTable) => void
  /** A version's folder, relative to the persistent path: the gateway reads its TLS files there. */
  readonly versionDirOf: (serviceUid: string, version: number) => string
  /** Where the gateway runs, as the infras name their zones; absent: nobody said. */
  readonly gatewayZone?: string | undefined
  /** Asked for a pass soon. */
  readonly onWake: () => void
}

const idlePauseMs = 1_000
const busyPauseMs = 200
/** Every table is decided anew at least this often, whatever was heard of. */
const readEveryMs = 10_000
const successWindowMs = 15_000

/** Decides, stores, writes and pushes the route table, and keeps what gateways answer: one pass at a time. */
export class RoutePublisher implements RouteView {
  readonly gateways: Gateways
  readonly #options: RoutePublisherOptions
  readonly #load: LoadMemory
  readonly #coverage: CountCoverage
  readonly #versions: VersionCache
  readonly #successes = new Map<string, { atMs: number; count: number }[]>()
  #onDisk: RouteTable | null = null
  #isWoken = true
  #mayBeChanged = false
  /** Last event that the table was decided with. */
  #readSeq = 0
  /** As they were then. */
  #endpoints: readonly Endpoint[] = []
  #readAtMs = Number.NEGATIVE_INFINITY
  #lookedAtMs = Number.NEGATIVE_INFINITY
  #hasTransit = false

  constructor(options: RoutePublisherOptions) {
    this.#options = options
    this.gateways = new Gateways(options.channel)
    this.#load = new LoadMemory(options.context.clock)
    this.#coverage = new CountCoverage(options.context)
    this.#versions = new VersionCache(options.context.database)
  }

  /** The table that is on disk; null before the first pass. */
  get table(): RouteTable | null {
    return this.#onDisk
  }

  /** Something may have changed in the database. */
  noteChange(): void {
    this.#mayBeChanged = true
  }

  wake(): void {
    this.#isWoken = true
    this.#options.onWake()
  }

  /** @returns milliseconds until the next pass. */
  async pass(): Promise<number> {
    const { context } = this.#options
    const nowMs = context.clock.monotonicMs()
    const sinceLookMs = nowMs - this.#lookedAtMs
    if (await this.#isDue(nowMs)) await this.#publish(nowMs)
    else if (sinceLookMs < idlePauseMs) return idlePauseMs - sinceLookMs
    else {
      await this.#look(this.#onDisk?.version ?? null)
      if (this.#endpoints.some((endpoint) => isNewsOf(endpoint, this.gateways.seen)))
        await this.#publish(nowMs)
    }
    this.#lookedAtMs = nowMs
    const onComplete = (epoch: string, second: number): void => this.#load.noteComplete(epoch, second)
    const fresh = await collectCounts(context, this.gateways, onComplete)
    this.#noteSuccesses(fresh)
    await this.#coverage.note(this.#load.coverage(this.gateways.seen), fresh.length > 0)
    await collectUnfinished(context, this.gateways)
    return this.#hasTransit ? busyPauseMs : idlePauseMs
  }

  async #look(diskVersion: number | null): Promise<void> {
    const parked = await this.#load.during(async () => {
      await this.gateways.look(diskVersion)
      return this.gateways.seen
    })
    // A gateway says so itself, but not whether anybody heard it.
    if (parked.length === 0) return
    await write(this.#options.context, async (tx) => {
      for (const serviceUid of parked) await wake(tx, serviceUid)
    })
  }

  /** Most commits are leases and probes: only what stands in the log can change a route. */
  async #isDue(nowMs: number): Promise<boolean> {
    if (this.#isWoken || this.#hasTransit || nowMs - this.#readAtMs >= readEveryMs) return true
    if (!this.#mayBeChanged) return false
    // Before the look, so that what is committed during it counts.
    this.#mayBeChanged = false
    const { lastSeq } = await eventBounds(this.#options.context.database).catch((error: unknown) => {
      this.#isWoken = true
      throw error
    })
    return lastSeq !== this.#readSeq
  }

  async #publish(nowMs: number): Promise<void> {
    const { context } = this.#options
    this.#isWoken = false
    this.#mayBeChanged = false
    try {
      const { lastSeq } = await eventBounds(context.database)
      const situation = await readSituation(context.database, this.#versions, this.#options.versionDirOf)
      const table = await decideTable(context, situation, this.#options.gatewayZone ?? '')
      if (table.version !== this.#onDisk?.version && !(await this.#putOnDisk(table))) {
        this.#isWoken = true
        return
      }
      this.#onDisk = table
      await this.#look(table.version)
      await noteEndpoints(context, situation.endpoints, this.gateways.seen)
      const isAcked = haveAllApplied(this.gateways.seen, table.version)
      if (isAcked) await freeOldAddresses(context, table.version)
      this.#hasTransit =
        !isAcked ||
        situation.endpoints.some(({ status }) => status === 'PENDING') ||
        situation.routed.some(({ replicas }) => replicas.some(({ status }) => status === 'DRAINING'))
      this.#readAtMs = nowMs
      this.#endpoints = situation.endpoints
      this.#readSeq = lastSeq
    } catch (error) {
      this.#isWoken = true
      throw error
    }
  }

  /**
   * Under the fence and alone among all writers of the database: a worker that was replaced, or held up since it decided, puts no older
   * table over a newer one. @returns false when it was not the newest any more.
   */
  #putOnDisk(table: RouteTable): Promise<boolean> {
    const { context, writeTable } = this.#options
    return write(context, async (tx) => {
      const newest = await loadRouteTable(tx)
      if (newest?.version !== table.version) return false
      writeTable(table)
      return true
    })
  }

  #noteSuccesses(counts: readonly SecondCounts[]): void {
    const atMs = this.#options.context.clock.monotonicMs()
    for (const [serviceUid, seen] of this.#successes) {
      this.#successes.set(
        serviceUid,
        seen.filter((each) => atMs - each.atMs < successWindowMs),
      )
    }
    for (const { serviceUid, byClass } of counts) {
      const [ok, moved, refused] = byClass
      const seen = this.#successes.get(serviceUid) ?? []
      this.#successes.set(serviceUid, [...seen, { atMs, count: ok + moved + refused }])
    }
  }

  isServiceUnrouted(serviceUid: string): boolean {
    return this.gateways.hasLooked && isServiceUnrouted(this.#onDisk, this.gateways.seen, serviceUid)
  }

  isReplicaUnrouted(replicaUid: string): boolean {
    return this.gateways.hasLooked && isReplicaUnrouted(this.#onDisk, this.gateways.seen, replicaUid)
  }

  inFlightTo(replicaUid: string): number {
    return inFlightTo(this.gateways.seen, replicaUid)
  }

  loadOf(serviceUid: string): ServiceLoad {
    return this.#load.loadOf(this.gateways.seen, serviceUid)
  }

  /** A gateway said that the first request of a service waits: known from now on, before the next look. */
  noteParked(serviceUid: string): void {
    this.#load.noteParked(serviceUid)
  }

  routedReplicas(serviceUid: string): number {
    return routedReplicas(this.#onDisk, this.gateways.seen, serviceUid)
  }

  recentSuccesses(serviceUid: string): number {
    const nowMs = this.#options.context.clock.monotonicMs()
    const recent = (this.#successes.get(serviceUid) ?? []).filter(
      ({ atMs }) => nowMs - atMs < successWindowMs,
    )
    return recent.reduce((sum, { count }) => sum + count, 0)
  }

  tableWithout(replicaUid: string): number {
    return tableWithout(this.#onDisk, replicaUid)
  }
}
