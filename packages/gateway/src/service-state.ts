import { isDeepStrictEqual } from 'node:util'
import type { ServiceRoute } from '@skykeep/core/routes'
import { defaultLoadFactor } from '@skykeep/core/service-spec'
import { chooseReplica } from './balance.ts'
import type { Choice } from './choice.ts'
import { readmit } from './ejection.ts'
import { HedgeDelay } from './hedge-delay.ts'
import { OutlierDetection } from './outlier-detection.ts'
import { OutlierRecord } from './outlier-record.ts'
import { ServiceAccess } from './service-access.ts'
import { nearLimitOf } from './near-first.ts'
import type { ProcessShare, ReplicaState } from './replica-state.ts'
import { RetryBudget } from './retry-budget.ts'
import type { ServiceCounter } from './service-counter.ts'
import { TraitsReader } from './request-traits.ts'
import { chooseBySplit, chooseOfGroup } from './split.ts'
import type { ShareGroup } from './split.ts'
import { WaitingLine } from './waiting-line.ts'
import type { WaitingRequest } from './waiting-line.ts'

/** What one gateway process knows of one service. */
export class ServiceState {
  readonly uid: string
  readonly counter: ServiceCounter
  /** Those for which no replica has room. */
  readonly waiting = new WaitingLine()
  /** How many of its requests may be sent a second time. */
  readonly retries = new RetryBudget(0)
  route: ServiceRoute
  replicas: readonly ReplicaState[] = []
  streamTimeoutMs = 120_000
  /** How many may wait in this process; 0: none. */
  maxWaiting = 0
  waitTimeoutMs = 0
  /** Who may ask, and how often; null: everybody. */
  access: ServiceAccess | null = null
  /** When a second replica is asked; null: never. */
  hedge: HedgeDelay | null = null
  /** Part of its requests that is logged: 0 to 1. */
  logShare = 0
  /** Null: what replicas answer takes none of them out. */
  outliers: OutlierDetection | null = null
  isGone = false
  /** True while those that wait are being let go. */
  isReleasing = false
  /** Monotonic ms at which the worker was last told that one waits. */
  toldAt = -Infinity
  /** One for every request, so that a choice allocates nothing. Its rotation breaks ties and drives round_robin. */
  private readonly choice: Writable<Choice<ReplicaState>>
  private groups: readonly ShareGroup<ReplicaState>[] | null = null
  /** Of those requests that carry its header. */
  private pinned: ShareGroup<ReplicaState> | null = null
  /** Reads what decides, beyond the load, which replica a request gets; null: nothing does. */
  traits: TraitsReader | null = null

  constructor(route: ServiceRoute, counter: ServiceCounter) {
    this.uid = route.serviceUid
    this.route = route
    this.counter = counter
    const { policy } = route
    this.choice = {
      policy,
      candidates: [],
      tried: null,
      rotation: -1,
      limit: Infinity,
      isGradual: false,
      hashKey: -1,
      loadFactor: defaultLoadFactor,
      nearLimit: -1,
      random: Math.random,
    }
  }

  /** Requests that began and did not end, those that wait included. */
  get inFlight(): number {
    return this.counter.inFlight
  }

  follow(route: ServiceRoute, replicas: readonly ReplicaState[], share: ProcessShare): void {
    this.groups = groupsOf(route, replicas, { route: this.route, groups: this.groups })
    this.pinned = this.groups?.[route.split?.findIndex(({ header }) => header !== undefined) ?? -1] ?? null
    this.traits = TraitsReader.of(route)
    this.route = route
    this.replicas = replicas
    this.choice.loadFactor = route.hash?.loadFactor ?? defaultLoadFactor
    this.choice.policy = route.policy
    this.choice.candidates = replicas
    this.counter.follow(replicas)
    this.streamTimeoutMs = route.streamTimeoutSeconds * 1000
    this.waitTimeoutMs = (route.parking?.timeoutSeconds ?? 0) * 1000
    this.access =
      route.access === undefined ? null : new ServiceAccess(route.serviceName, route.access, this.access)
    if (!isDeepStrictEqual(this.hedge?.route, route.hedge))
      this.hedge = route.hedge === undefined ? null : new HedgeDelay(route.hedge)
    this.logShare = route.accessLog?.sample ?? 0
    this.followOutliers()
    this.divide(share)
  }

  /** A change of the settings keeps who is out, and for how long; without any everybody is back. */
  private followOutliers(): void {
    const { outlierDetection: settings } = this.route
    if (settings === undefined) this.outliers = null
    else if (!isDeepStrictEqual(this.outliers?.settings, settings))
      this.outliers = new OutlierDetection(settings)
    this.outliers?.follow(this.replicas)
    for (const replica of this.replicas) {
      if (this.outliers !== null) replica.outlier ??= new OutlierRecord()
      else if (replica.outlier !== null) {
        if (replica.isOutlier) readmit(replica)
        replica.outlier = null
      }
    }
  }

  /** Takes this process's part of the service's limits. */
  divide(share: ProcessShare): void {
    const { maxConcurrencyPerReplica, parking } = this.route
    this.choice.limit = maxConcurrencyPerReplica === undefined ? Infinity : share.of(maxConcurrencyPerReplica)
    this.maxWaiting = share.of(parking?.maxRequests ?? 0)
    this.access?.divide(share)
    this.retries.divide(share.ofRate(1))
  }

  /** The replica for a request; null when none has room. `isGradual`: the request waited. */
  choose(request: Seeker, isGradual: boolean): ReplicaState | null {
    const { choice } = this
    choice.tried = request.tried
    choice.hashKey = request.hashKey
    choice.isGradual = isGradual
    choice.rotation += 1
    if (this.route.prefersNear === true) {
      choice.nearLimit = nearLimitOf(this.inFlight - this.counter.parked, this.replicas.length)
    } else choice.nearLimit = -1
    if (this.groups === null) return chooseReplica(choice)
    const pinned = request.isPinned ? this.pinned : null
    if (pinned !== null) return chooseOfGroup(pinned, this.groups, choice)
    return chooseBySplit(this.groups, choice)
  }

  /** True when a replica would do but for its limit. */
  get isBusy(): boolean {
    return this.replicas.some(({ isDraining, ejectedAt }) => !isDraining && ejectedAt < 0)
  }

  /**
   * Whether it makes sense to wait after the replicas in `tried` failed: another one is only busy, or all are out and will be
   * chosen again only once they have proven to be back.
   */
  isWorthWaiting(tried: readonly ReplicaState[]): boolean {
    let isRefusedByHealthy = false
    for (const replica of this.replicas) {
      if (replica.isDraining) continue
      if (!tried.includes(replica)) return true
      if (replica.ejectedAt < 0) isRefusedByHealthy = true
    }
    return !isRefusedByHealthy
  }
}

/** What of a request a choice looks at. */
type Seeker = Pick<WaitingRequest, 'tried' | 'hashKey' | 'isPinned'>

type Writable<T> = { -readonly [K in keyof T]: T[K] }

interface Before {
  readonly route: ServiceRoute
  readonly groups: readonly ShareGroup<ReplicaState>[] | null
}

/** The groups of a split; what each was owed is kept while the shares stay as they are. */
function groupsOf(
  { split }: ServiceRoute,
  replicas: readonly ReplicaState[],
  before: Before,
): readonly ShareGroup<ReplicaState>[] | null {
  if (split === undefined) return null
  const isSame = JSON.stringify(split) === JSON.stringify(before.route.split)
  return split.map(({ versions, percent }, at) => ({
    percent,
    replicas: replicas.filter(({ version }) => versions.includes(version)),
    credit: isSame ? (before.groups?.[at]?.credit ?? 0) : 0,
  }))
}
