import type { Ejection, ReplicaRoute, RouteTable, ServiceRoute } from '@skykeep/core/routes'

/** A connection that waits for its next request. */
export interface IdleConnection {
  close(): void
}

/** What one gateway process knows of one replica beyond its route. */
export class ReplicaState {
  readonly uid: string
  readonly host: string
  readonly port: number
  isDraining: boolean
  /** False once no table names it any more. */
  isRouted = true
  inFlight = 0
  /** Monotonic ms of the ejection; -1 when not ejected. */
  ejectedAt = -1
  ejectedSinceMs = 0
  ejectReason = ''
  /** Monotonic ms of the next probe. */
  probeAt = 0
  /** Ms between probes; grows with each failed one. */
  probeDelayMs = 0
  isProbing = false
  /** Monotonic ms of the last warning about its answers. */
  warnedAt = -Infinity

  constructor(route: ReplicaRoute) {
    this.uid = route.replicaUid
    this.host = route.host
    this.port = route.port
    this.isDraining = route.isDraining
  }

  ejection(): Ejection {
    return { replicaUid: this.uid, reason: this.ejectReason, sinceMs: this.ejectedSinceMs }
  }
}

/** What one gateway process knows of one service. */
export class ServiceState {
  readonly uid: string
  route: ServiceRoute
  replicas: ReplicaState[] = []
  streamTimeoutMs = 120_000
  /** Turns with every choice; breaks ties and drives round_robin. */
  rotation = 0
  inFlight = 0

  constructor(route: ServiceRoute) {
    this.uid = route.serviceUid
    this.route = route
  }
}

/** The table in force. Applying a newer one decides every request that begins afterwards. */
export class RouteState {
  appliedVersion = -1
  private services = new Map<string, ServiceState>()
  private readonly replicas = new Map<string, ReplicaState>()
  private readonly onReplicaGone: (replica: ReplicaState) => void

  constructor(onReplicaGone: (replica: ReplicaState) => void) {
    this.onReplicaGone = onReplicaGone
  }

  /** Takes a table's place whole. False when it is not newer than the one in force. */
  apply(table: RouteTable): boolean {
    if (table.version <= this.appliedVersion) return false
    const services = new Map<string, ServiceState>()
    const routed = new Set<ReplicaState>()
    for (const route of table.services) {
      const service = this.services.get(route.serviceUid) ?? new ServiceState(route)
      service.route = route
      service.streamTimeoutMs = route.streamTimeoutSeconds * 1000
      service.replicas = route.replicas.map((replica) => this.replicaOf(replica))
      for (const replica of service.replicas) routed.add(replica)
      services.set(route.serviceUid, service)
    }
    this.services = services
    for (const replica of this.replicas.values()) {
      if (routed.has(replica)) continue
      replica.isRouted = false
      this.onReplicaGone(replica)
      this.forget(replica)
    }
    this.appliedVersion = table.version
    return true
  }

  private replicaOf(route: ReplicaRoute): ReplicaState {
    const known = this.replicas.get(route.replicaUid)
    if (known?.host === route.host && known.port === route.port) {
      known.isDraining = route.isDraining
      known.isRouted = true
      return known
    }
    const replica = new ReplicaState(route)
    this.replicas.set(route.replicaUid, replica)
    if (known !== undefined) this.onReplicaGone(known)
    return replica
  }

  /** Drops a replica that no table names and no request uses. */
  forget(replica: ReplicaState): void {
    if (!replica.isRouted && replica.inFlight === 0) this.replicas.delete(replica.uid)
  }

  get serviceList(): Iterable<ServiceState> {
    return this.services.values()
  }

  get replicaList(): Iterable<ReplicaState> {
    return this.replicas.values()
  }
}
