import type { Clock } from '@skykeep/core/clock'
import type { AccessRefusal } from './access-answers.ts'
import type { AccessLog } from './access-log.ts'
import { Counts } from './counts.ts'
import { eject } from './ejection.ts'
import type { Log } from '@skykeep/telemetry/log'
import { ForgeryLimits } from './forgery-limits.ts'
import { InFlight } from './in-flight.ts'
import type { Journal } from './journal.ts'
import { LostRequests } from './lost-requests.ts'
import type { Outlier, OutlierDetection } from './outlier-detection.ts'
import { Parking } from './parking.ts'
import { noRefusals, refusalOf } from './refusals.ts'
import type { ReplicaState } from './replica-state.ts'
import { shownPath } from './request-path.ts'
import { RouteState } from './route-state.ts'
import type { ServiceState } from './service-state.ts'
import { UpstreamPool } from './upstream-pool.ts'

const warningEveryMs = 60_000

export interface PlaneOptions {
  /** Unique per process life. */
  readonly epoch: string
  readonly clock: Clock
  readonly journal: Journal
  readonly log: Log
  readonly accessLog: AccessLog
  /** Told that the first request of a service waits for a replica. */
  onParked(serviceUid: string): void
}

/** What is known of a request that was refused by its head. */
export interface RefusedHead {
  readonly requestId: string
  readonly method: string
  readonly target: string
}

/** What every request of one process uses. */
export class Plane {
  readonly epoch: string
  readonly clock: Clock
  readonly log: Log
  readonly journal: Journal
  readonly accessLog: AccessLog
  readonly pool: UpstreamPool
  readonly routes: RouteState
  readonly inFlight: InFlight
  readonly counts: Counts
  readonly parking: Parking
  readonly lost: LostRequests
  readonly forgeries = new ForgeryLimits()
  /** On ports that have no service. */
  readonly refused = noRefusals()
  /** True once the process takes no new connection and ends after what is in flight. */
  isStopping = false
  /** How long a connection that waits for its next request is kept while it is stopping, ms. */
  stoppingIdleMs = 0
  private requestCount = 0
  /** With it begins the id of each request. */
  readonly idPrefix: string

  constructor(options: PlaneOptions) {
    const { clock, epoch } = options
    this.epoch = epoch
    this.clock = clock
    this.log = options.log
    this.journal = options.journal
    this.accessLog = options.accessLog
    this.pool = new UpstreamPool(() => clock.monotonicMs())
    this.counts = new Counts(epoch, clock)
    this.routes = new RouteState({
      counterOf: (serviceUid) => this.counts.of(serviceUid),
      onReplicaGone: (replica) => this.pool.drop(replica),
      onServiceChanged: (service) => this.parking.onChange(service),
    })
    this.inFlight = new InFlight(options.journal, clock)
    this.parking = new Parking(
      () => clock.monotonicMs(),
      (serviceUid) => options.onParked(serviceUid),
    )
    this.lost = new LostRequests(epoch, options.journal)
    this.idPrefix = `${epoch.slice(0, 16)}-`
  }

  /** What makes a request's id unique among all requests of all gateways, behind `idPrefix`. */
  nextRequestNumber(): string {
    this.requestCount += 1
    return this.requestCount.toString(36)
  }

  /**
   * A request whose head or body could not be read, or that no service is for, was answered in the gateway's own name. The service may be
   * unknown.
   */
  noteRefusal(service: ServiceState | null, status: number): void {
    const refused = service === null ? this.refused : service.counter.totals.refused
    refused[refusalOf(status)] += 1
  }

  /** A rule for access refused a request, which is logged like others. */
  noteAccessRefusal(service: ServiceState, { kind, status }: AccessRefusal, head: RefusedHead): void {
    service.counter.refuse(kind)
    if (service.logShare === 0 || !this.accessLog.isSampled(service.logShare)) return
    this.accessLog.add({
      time: new Date(this.clock.now()).toISOString(),
      id: head.requestId,
      service: service.route.serviceName,
      replica: null,
      version: null,
      method: head.method,
      path: shownPath(head.target),
      status,
      bytesIn: 0,
      bytesOut: 0,
      ms: 0,
      firstByteMs: null,
      retries: 0,
      reason: kind,
    })
  }

  /** Says, at most once a minute for each, that a replica does not speak HTTP/1.1. */
  warnOfReplica(replica: ReplicaState, fault: string): void {
    const now = this.clock.monotonicMs()
    if (now - replica.warnedAt < warningEveryMs) return
    replica.warnedAt = now
    this.log.warn({ replicaUid: replica.uid, fault }, 'bad response from a replica')
  }

  /** It takes no connection, or broke one. An outlier that is on trial has failed it. */
  ejectReplica(replica: ReplicaState, reason: string, outliers: OutlierDetection | null): void {
    const { outlier, isOutlier } = replica
    if (outliers !== null && isOutlier && outlier?.phase !== 'out')
      this.holdOut({ replica, reason }, outliers)
    else if (replica.ejectedAt < 0) this.takeOut(replica, reason)
  }

  /** An answer of a replica, or what the gateway answered in its place, where outliers are looked for. */
  noteAnswer(outliers: OutlierDetection, replica: ReplicaState, status: number): void {
    const { outlier } = replica
    const reason = outlier === null ? '' : outliers.note(replica, outlier, status)
    if (reason !== '') this.holdOut({ replica, reason }, outliers)
  }

  /** Called every second. */
  sweepServices(): void {
    const now = this.clock.monotonicMs()
    for (const { outliers, hedge, counter } of this.routes.serviceList) {
      hedge?.look(counter.totals.firstByte.counts)
      if (outliers !== null) for (const outlier of outliers.sweep(now)) this.holdOut(outlier, outliers)
    }
  }

  private holdOut({ replica, reason }: Outlier, { firstMs }: OutlierDetection): void {
    replica.outlier?.holdOut(firstMs, this.clock.monotonicMs())
    this.takeOut(replica, reason)
  }

  private takeOut(replica: ReplicaState, reason: string): void {
    eject(replica, reason, { monotonicMs: this.clock.monotonicMs(), wallMs: this.clock.now() })
    replica.totals.ejections += 1
    for (const service of this.routes.serviceList)
      if (service.replicas.includes(replica)) service.counter.totals.ejections += 1
    this.log.warn({ replicaUid: replica.uid, reason }, 'replica ejected')
  }
}
