import type { Clock } from '@skykeep/core/clock'
import { isSkykeepError } from '@skykeep/core/errors'
import type { BlockedPort, GatewayStatus, RouteTable } from '@skykeep/core/routes'
import { AccessLog } from './access-log.ts'
import { probeEjected } from './ejection.ts'
import type { Log } from '@skykeep/telemetry/log'
import { Journal } from './journal.ts'
import { Listeners } from './listeners.ts'
import { Plane } from './plane.ts'
import type { ProcessIdentity } from './process-identity.ts'
import { ProcessShare } from './replica-state.ts'
import type { RouteFilePaths } from './route-file.ts'
import { readRouteFile, routeFileStamp } from './route-file.ts'

const sweepMs = 50
const slowSweepMs = 1000

/** Where a gateway process serves from. */
export interface GatewayPlaces {
  /** The persistent path. */
  readonly root: string
  readonly routeFile: RouteFilePaths
  /** This process's own journal. */
  readonly journalPath: string
  /** This process's own access log. */
  readonly accessLogPath: string
}

export interface GatewayOptions {
  readonly slot: number
  readonly epoch: string
  readonly identity: ProcessIdentity
  readonly clock: Clock
  readonly log: Log
  readonly places: GatewayPlaces
  /** False in a sibling: its sockets are handed to it. */
  readonly canBind: boolean
  /** Told at once that the first request of a service waits for a replica; at most once a second for each service. */
  onParked(serviceUid: string): void
}

/** One gateway process's data plane: routes in, requests through, counts and unfinished requests out. */
export class Gateway {
  readonly plane: Plane
  readonly listeners: Listeners
  readonly journal: Journal
  /** In a sibling: the ports that its leader could not bind. */
  leaderBlockedPorts: readonly BlockedPort[] = []
  private readonly options: GatewayOptions
  private places: GatewayPlaces
  private siblingList: GatewayStatus['siblings'] = []
  private routeFault = ''
  private routeStamp = ''
  private isFirstTableMissing = false
  private sweeper: NodeJS.Timeout | null = null
  private lastSlowSweep = 0

  constructor(options: GatewayOptions) {
    const { clock, epoch, log } = options
    this.options = options
    this.places = options.places
    this.journal = new Journal(this.places.journalPath, { epoch, process: options.identity })
    this.plane = new Plane({
      epoch,
      clock,
      log,
      journal: this.journal,
      accessLog: new AccessLog(this.places.accessLogPath, Math.random),
      onParked: (serviceUid) => options.onParked(serviceUid),
    })
    this.listeners = new Listeners(this.plane, options.canBind, () => this.places.root)
  }

  /** All processes that serve, as the leader last named them. */
  get siblings(): GatewayStatus['siblings'] {
    return this.siblingList
  }

  /** Each takes its part of every limit. */
  set siblings(processes: GatewayStatus['siblings']) {
    this.siblingList = processes
    const slots = processes.map(({ slot }) => slot).toSorted((a, b) => a - b)
    const rank = slots.indexOf(this.options.slot)
    if (rank >= 0) this.plane.routes.divide(new ProcessShare(rank, slots.length))
  }

  /** Loads the last snapshot, binds its ports, and begins to sweep. Without a snapshot it tries again each second. */
  async start(): Promise<void> {
    this.sweeper = setInterval(() => this.sweep(), sweepMs)
    await this.reload()
  }

  /** Reads the snapshot file; a bad, missing or older one leaves the table in force as it is. */
  async reload(): Promise<GatewayStatus> {
    const { routeFile } = this.places
    this.routeStamp = routeFileStamp(routeFile)
    try {
      const table = readRouteFile(routeFile)
      this.routeFault = ''
      await this.apply(table)
    } catch (error) {
      if (!isSkykeepError(error)) throw error
      if (this.routeFault !== error.message)
        this.options.log.warn({ reason: error.message }, 'route snapshot')
      this.routeFault = error.message
      // Before the first service there is no table, and nothing is wrong.
      this.isFirstTableMissing = isSkykeepError(error, 'NOT_FOUND') && this.plane.routes.appliedVersion < 0
    }
    return this.status()
  }

  /**
   * Serves from another persistent path: journal and snapshot; sockets and connections stay as they are.
   * @throws the file system's error when the journal cannot be written there; nothing changed then.
   */
  async rebase(places: GatewayPlaces): Promise<void> {
    this.journal.moveTo(places.journalPath)
    this.plane.accessLog.moveTo(places.accessLogPath)
    this.places = places
    await this.reload()
  }

  /** The persistent path that it serves from now. */
  get root(): string {
    return this.places.root
  }

  /** Puts a table in force; resolves once every new request uses it and its ports are bound or known to be blocked. */
  async apply(table: RouteTable): Promise<void> {
    if (!this.plane.routes.apply(table)) return
    await this.listeners.follow(this.plane.routes.serviceList)
  }

  private sweep(): void {
    const { plane } = this
    plane.inFlight.sweep()
    plane.pool.sweep()
    plane.counts.roll()
    plane.parking.sweep()
    const now = plane.clock.monotonicMs()
    plane.accessLog.sweep(now)
    if (now - this.lastSlowSweep < slowSweepMs) return
    this.lastSlowSweep = now
    this.listeners.checkTimes(now)
    this.journal.mend()
    probeEjected(plane.routes.replicaList, () => plane.clock.monotonicMs())
    plane.sweepServices()
    if (plane.isStopping) return
    this.listeners.retryTls(plane.routes.serviceList)
    void this.listeners.retryBlocked()
    // A push may have been lost: the file decides.
    const hasChanged = routeFileStamp(this.places.routeFile) !== this.routeStamp
    if (hasChanged || this.routeFault !== '') void this.reload()
  }

  status(): GatewayStatus {
    const { plane, listeners, options } = this
    const inFlight: Record<string, number> = {}
    const inFlightByService: Record<string, number> = {}
    const parked: Record<string, number> = {}
    const ejected = []
    for (const service of plane.routes.serviceList) {
      const { inFlight: all, parked: waiting } = service.counter
      if (all > waiting) inFlightByService[service.uid] = all - waiting
      if (waiting > 0) parked[service.uid] = waiting
    }
    for (const replica of plane.routes.replicaList) {
      if (replica.inFlight > 0) inFlight[replica.uid] = replica.inFlight
      if (replica.ejectedAt >= 0 && replica.isRouted) ejected.push(replica.ejection())
    }
    return {
      slot: options.slot,
      pid: options.identity.pid,
      epoch: options.epoch,
      appliedVersion: plane.routes.appliedVersion,
      boundPorts: listeners.boundPorts,
      blockedPorts: this.blockedPorts,
      inFlight,
      inFlightByService,
      parked,
      ejected,
      siblings: this.siblings,
      root: this.places.root,
      countsSinceSecond: plane.counts.sinceSecond,
    }
  }

  private get blockedPorts(): readonly BlockedPort[] {
    const { listeners, leaderBlockedPorts } = this
    if (listeners.canBind) return listeners.blockedPorts
    const own = listeners.tlsBlockedPorts
    return [...own, ...leaderBlockedPorts.filter((theirs) => !own.some(({ port }) => port === theirs.port))]
  }

  /** What does not work as it should; empty when all is well. */
  faults(): string[] {
    const faults: string[] = []
    if (this.routeFault !== '' && !this.isFirstTableMissing) faults.push(this.routeFault)
    if (this.journal.lastError !== '') {
      faults.push(
        `the journal cannot be written (${this.journal.errorCount} times): ${this.journal.lastError}`,
      )
    }
    for (const { port, reason } of this.blockedPorts) faults.push(`port ${port} is blocked: ${reason}`)
    faults.push(...this.listeners.tlsFaults)
    const logFault = this.plane.accessLog.fault(this.plane.clock.monotonicMs())
    if (logFault !== '') faults.push(logFault)
    const { droppedCount } = this.plane.lost
    if (droppedCount > 0) faults.push(`${droppedCount} lost requests were not kept: nobody took the reports`)
    return faults
  }

  /**
   * Takes no new connection, waits at most `graceMs` for what is in flight, then breaks the rest off. A connection that waits for its next
   * request ends with the response to that, or after `idleMs`.
   */
  async stop(graceMs: number, idleMs = 0): Promise<void> {
    const { plane, listeners } = this
    plane.isStopping = true
    plane.stoppingIdleMs = idleMs
    listeners.stop()
    const deadline = plane.clock.monotonicMs() + graceMs
    while (listeners.connectionCount > 0 && plane.clock.monotonicMs() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, sweepMs))
    }
    if (this.sweeper !== null) clearInterval(this.sweeper)
    // First: what is broken off now stays listed as unfinished.
    this.journal.close()
    listeners.destroyConnections()
    plane.pool.close()
    await plane.accessLog.close()
  }
}
