import type { ReplicaRoute, RouteTable } from '@skykeep/core/routes'
import { ProcessShare, ReplicaState } from './replica-state.ts'
import type { ServiceCounter } from './service-counter.ts'
import { ServiceState } from './service-state.ts'

/** What follows from a change of the table. */
export interface RouteStateOptions {
  counterOf(serviceUid: string): ServiceCounter
  onReplicaGone(replica: ReplicaState): void
  /** Its replicas, limits or existence may have changed. */
  onServiceChanged(service: ServiceState): void
}

/** The table in force. Applying a newer one decides every request that begins afterwards. */
export class RouteState {
  appliedVersion = -1
  private services = new Map<string, ServiceState>()
  private inOrder: readonly ServiceState[] = []
  private readonly replicas = new Map<string, ReplicaState>()
  private readonly options: RouteStateOptions
  private share = new ProcessShare(0, 1)

  constructor(options: RouteStateOptions) {
    this.options = options
  }

  /** Takes a table's place whole. False when it is not newer than the one in force. */
  apply(table: RouteTable): boolean {
    if (table.version <= this.appliedVersion) return false
    const before = this.services
    const services = new Map<string, ServiceState>()
    const routed = new Set<ReplicaState>()
    for (const route of table.services) {
      const known = before.get(route.serviceUid)
      const service = known ?? new ServiceState(route, this.options.counterOf(route.serviceUid))
      const replicas = route.replicas.map((replica) => this.replicaOf(replica))
      service.follow(route, replicas, this.share)
      for (const replica of replicas) routed.add(replica)
      services.set(route.serviceUid, service)
    }
    this.services = services
    this.inOrder = [...services.values()]
    this.appliedVersion = table.version
    this.dropUnrouted(routed)
    for (const gone of before.values()) {
      if (services.has(gone.uid)) continue
      gone.isGone = true
      gone.counter.isGone = true
      this.options.onServiceChanged(gone)
    }
    for (const service of this.inOrder) this.options.onServiceChanged(service)
    return true
  }

  private dropUnrouted(routed: ReadonlySet<ReplicaState>): void {
    for (const replica of this.replicas.values()) {
      if (routed.has(replica)) continue
      replica.isRouted = false
      this.options.onReplicaGone(replica)
      this.forget(replica)
    }
  }

  private replicaOf(route: ReplicaRoute): ReplicaState {
    const known = this.replicas.get(route.replicaUid)
    if (known?.host === route.host && known.port === route.port) {
      known.follow(route)
      return known
    }
    const replica = new ReplicaState(route, this.share)
    this.replicas.set(route.replicaUid, replica)
    if (known !== undefined) {
      known.isRouted = false
      this.options.onReplicaGone(known)
    }
    return replica
  }

  /** Drops a replica that no table names and no request uses. */
  forget(replica: ReplicaState): void {
    if (!replica.isRouted && replica.inFlight === 0) this.replicas.delete(replica.uid)
  }

  /** Takes this process's part of every limit, among the processes that serve now. */
  divide(share: ProcessShare): void {
    if (this.share.isSame(share)) return
    this.share = share
    for (const service of this.inOrder) service.divide(share)
  }

  get serviceList(): readonly ServiceState[] {
    return this.inOrder
  }

  get replicaList(): Iterable<ReplicaState> {
    return this.replicas.values()
  }
}
