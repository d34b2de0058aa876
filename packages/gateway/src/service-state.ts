import type { ServiceRoute } from '@skykeep/core/routes'
import { chooseReplica } from './balance.ts'
import type { Choice } from './balance.ts'
import type { ProcessShare, ReplicaState } from './replica-state.ts'
import type { ServiceCounter } from './service-counter.ts'
import { chooseBySplit } from './split.ts'
import type { ShareGroup } from './split.ts'
import { WaitingLine } from './waiting-line.ts'

/** What one gateway process knows of one service. */
export class ServiceState {
  readonly uid: string
  readonly counter: ServiceCounter
  /** Those for which no replica has room. */
  readonly waiting = new WaitingLine()
  route: ServiceRoute
  replicas: readonly ReplicaState[] = []
  streamTimeoutMs = 120_000
  /** How many may wait in this process; 0: none. */
  maxWaiting = 0
  waitTimeoutMs = 0
  isGone = false
  /** True while those that wait are being let go. */
  isReleasing = false
  /** Monotonic ms at which the worker was last told that one waits. */
  toldAt = -Infinity
  /** One for every request, so that a choice allocates nothing. Its rotation breaks ties and drives round_robin. */
  private readonly choice: Writable<Choice<ReplicaState>>
  private groups: readonly ShareGroup<ReplicaState>[] | null = null

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
    }
  }

  /** Requests that began and did not end, those that wait included. */
  get inFlight(): number {
    return this.counter.inFlight
  }

  follow(route: ServiceRoute, replicas: readonly ReplicaState[], share: ProcessShare): void {
    this.groups = groupsOf(route, replicas, { route: this.route, groups: this.groups })
    this.route = route
    this.replicas = replicas
    this.choice.policy = route.policy
    this.choice.candidates = replicas
    this.counter.follow(replicas)
    this.streamTimeoutMs = route.streamTimeoutSeconds * 1000
    this.waitTimeoutMs = (route.parking?.timeoutSeconds ?? 0) * 1000
    this.divide(share)
  }

  /** Takes this process's part of the service's limits. */
  divide(share: ProcessShare): void {
    const { maxConcurrencyPerReplica, parking } = this.route
    this.choice.limit = maxConcurrencyPerReplica === undefined ? Infinity : share.of(maxConcurrencyPerReplica)
    this.maxWaiting = share.of(parking?.maxRequests ?? 0)
  }

  /** The replica for a request; null when none has room. `isGradual`: the request waited. */
  choose(tried: readonly ReplicaState[] | null, isGradual: boolean): ReplicaState | null {
    const { choice } = this
    choice.tried = tried
    choice.isGradual = isGradual
    choice.rotation += 1
    return this.groups === null ? chooseReplica(choice) : chooseBySplit(this.groups, choice)
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
