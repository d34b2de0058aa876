import type { Clock } from '@skykeep/core/clock'
import type { RouteTable } from '@skykeep/core/routes'
import type { SimCall } from '@skykeep/provider-sim/sim-cloud'
import { livingNodes, type SimWorld } from '@skykeep/provider-sim/sim-world'
import type { SimulatedGateway } from '@skykeep/testing/simulation/gateway'
import type { SideDoor } from '@skykeep/testing/simulation/image'

/** Longest that a draining replica may finish what it has (`drainBoundMs` of the controllers). */
const drainBoundMs = 120_000

export interface WitnessedWorld {
  readonly clock: Clock
  readonly cloud: SimWorld
  readonly cloudMs: () => number
  readonly gateways: readonly SimulatedGateway[]
  readonly sideDoor: SideDoor
  readonly held: ReadonlyMap<string, number>
  /** True while the replica's process runs. */
  isRunning(replicaUid: string): boolean
}

interface ReplicaRow {
  readonly replica_id: number
  readonly status: string
  readonly outcome: string | null
  readonly first_ready_at_ms: number | null
}

/** Looks on at every effect and every table, and writes down what must never be. It remembers for itself what happened. */
export class Witness {
  readonly #world: WitnessedWorld
  readonly violations: string[] = []
  readonly #ports = new Map<string, number>()
  readonly #drainsSinceMs = new Map<string, number>()
  readonly #stopped = new Set<string>()
  /** Most jobs that ran at once. */
  jobsPeak = 0
  #diskVersion = -1

  constructor(world: WitnessedWorld) {
    this.#world = world
  }

  #say(what: string): void {
    if (!this.violations.includes(what)) this.violations.push(what)
  }

  /** A table was put on disk. */
  noteTable(table: RouteTable): void {
    if (table.version < this.#diskVersion)
      this.#say(`the table on disk went back from ${this.#diskVersion} to ${table.version}`)
    this.#diskVersion = Math.max(this.#diskVersion, table.version)
    for (const { serviceUid, port } of table.services) {
      const before = this.#ports.get(serviceUid) ?? port
      if (before !== port) this.#say(`the port of ${serviceUid} moved from ${before} to ${port}`)
      this.#ports.set(serviceUid, port)
    }
    this.#lookForSharedAddresses(table)
  }

  /** Invariant 9: what a living gateway may still send to one replica must not be another's. */
  #lookForSharedAddresses(next: RouteTable): void {
    const owners = new Map<string, string>()
    const tables = this.#world.gateways.flatMap(({ isAlive, table }) =>
      isAlive && table !== null ? [table] : [],
    )
    for (const table of [...tables, next]) {
      for (const { host, port, replicaUid } of table.services.flatMap(({ replicas }) => replicas)) {
        const owner = owners.get(`${host}:${port}`) ?? replicaUid
        if (owner !== replicaUid)
          this.#say(`the address ${host}:${port} is that of ${owner} and of ${replicaUid}`)
        owners.set(`${host}:${port}`, replicaUid)
      }
    }
  }

  /** Something was committed. */
  noteCommit(): void {
    for (const { uid, status } of this.#world.sideDoor.rows<{ uid: string; status: string }>('replicas')) {
      if (status === 'DRAINING' && !this.#drainsSinceMs.has(uid))
        this.#drainsSinceMs.set(uid, this.#world.clock.monotonicMs())
    }
  }

  noteCall(call: SimCall): void {
    if (call.when === 'after' && call.method === 'createNode') this.#lookForTwins()
    if (call.when === 'after' && call.method === 'startJob') this.#countJobs()
    if (call.when === 'before' && (call.method === 'stopJob' || call.method === 'deleteNode'))
      this.#lookAtStop(call)
  }

  #lookForTwins(): void {
    const owners = new Set<string>()
    for (const { tags } of this.#living()) {
      if (owners.has(tags.uid)) this.#say(`two nodes live for ${tags.uid}`)
      owners.add(tags.uid)
    }
  }

  #countJobs(): void {
    const jobs = this.#living().flatMap(({ jobs }) => Object.values(jobs))
    const running = jobs.filter(({ killed, stoppedAtMs }) => killed === null && stoppedAtMs === null)
    this.jobsPeak = Math.max(this.jobsPeak, running.length)
  }

  #living() {
    return livingNodes(this.#world.cloud, this.#world.cloudMs())
  }

  /** Invariant 10: a replica that is only no longer wanted stops when nobody sends it anything and nothing is in flight to it. */
  #lookAtStop({ method, subject }: SimCall): void {
    const uid =
      method === 'stopJob' ? subject.replace(/-g\d+-a\d+$/, '') : this.#world.cloud.nodes[subject]?.tags.uid
    if (uid === undefined || this.#stopped.has(uid)) return
    this.#stopped.add(uid)
    const row = this.#world.sideDoor.all<ReplicaRow>('SELECT * FROM replicas WHERE uid = ?', uid)[0]
    if (row === undefined) return this.#say(`${uid} has no row and is stopped`)
    if (row.status !== 'SHUTTING_DOWN' && row.status !== 'TERMINATED') {
      this.#say(`replica ${row.replica_id} is ${row.status} and is stopped`)
    }
    // What ended by itself serves nobody any more.
    if (row.outcome !== 'REMOVED' || row.first_ready_at_ms === null || !this.#world.isRunning(uid)) return
    const drainedMs =
      this.#world.clock.monotonicMs() - (this.#drainsSinceMs.get(uid) ?? Number.NEGATIVE_INFINITY)
    if (drainedMs >= drainBoundMs) return
    const routing = this.#world.gateways.filter(({ isAlive, table }) => isAlive && isRouted(table, uid))
    for (const { name } of routing)
      this.#say(`replica ${row.replica_id} is stopped while ${name} sends to it`)
    if ((this.#world.held.get(uid) ?? 0) > 0)
      this.#say(`replica ${row.replica_id} is stopped with requests in flight`)
  }
}

function isRouted(table: RouteTable | null, replicaUid: string): boolean {
  const routes = table?.services.flatMap(({ replicas }) => replicas) ?? []
  return routes.some((route) => route.replicaUid === replicaUid && !route.isDraining)
}
