import type { Clock } from '@skykeep/core/clock'
import { SkykeepError } from '@skykeep/core/errors'
import type {
  CountsBatch,
  GatewayStatus,
  RouteTable,
  SecondCounts,
  ServiceRoute,
  UnfinishedRequest,
} from '@skykeep/core/routes'

/** How a gateway process is. `silent`: it lives and does not answer; `deaf`: it answers and applies no table. */
export type GatewayMood = 'well' | 'silent' | 'deaf' | 'dead'

/** What comes to one service, over all gateway processes. */
export interface ServiceLoad {
  /** Requests that end in a second. */
  readonly perSecond: number
  /** Requests that a replica has at any time, and those that wait for one. */
  readonly inFlight: number
  readonly parked: number
}

/** What all gateway processes of one path share. */
export interface GatewayGround {
  readonly clock: Clock
  /** The route snapshot as it is on disk. */
  table: RouteTable | null
  readonly load: Map<string, ServiceLoad>
  /** By replica uid: requests that it holds, in every gateway process. */
  readonly held: Map<string, number>
  readonly blockedPorts: Set<number>
  /** Of the processes that share the sockets the one that all connections go to. */
  readonly isTaking: (name: string) => boolean
}

export interface ControlRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: unknown
}

/** One gateway process without a socket: speaks the control protocol, applies tables, counts what comes. */
export class SimulatedGateway {
  readonly name: string
  mood: GatewayMood = 'well'
  /** Its next answer is lost; the request took effect. */
  losesReply = false
  readonly #ground: GatewayGround
  #life = 0
  #table: RouteTable | null = null
  #counts: SecondCounts[] = []
  #seq = 0
  /** In its name: a world that goes on from an image begins to count lives anew. */
  #startedMs = 0
  #countedTo: number
  #since: number
  #reports: { readonly epoch: string; readonly requests: readonly UnfinishedRequest[] }[] = []

  constructor(name: string, ground: GatewayGround) {
    this.name = name
    this.#ground = ground
    this.#countedTo = this.#nowSecond() - 1
    this.#since = 0
  }

  get isAlive(): boolean {
    return this.mood !== 'dead'
  }

  get epoch(): string {
    return `${this.name}-life-${this.#life}-since-${this.#startedMs}`
  }

  /** The table that decides every new request here; null before the first. */
  get table(): RouteTable | null {
    return this.#table
  }

  /** Dies; what it had in flight is in its journal, what it had not delivered of its counts is gone. */
  die(requests: readonly UnfinishedRequest[] = []): void {
    this.mood = 'dead'
    if (requests.length > 0) this.#reports.push({ epoch: this.epoch, requests })
  }

  /** A new process in its place: starts from the snapshot on disk. */
  start(): void {
    this.#life += 1
    this.#startedMs = this.#ground.clock.monotonicMs()
    this.mood = 'well'
    this.#counts = []
    this.#seq = 0
    this.#countedTo = this.#nowSecond()
    this.#since = this.#nowSecond() + 1
    this.#table = this.#ground.table
  }

  /** What a process does by itself about once a second: looks whether the file is another one. */
  look(): void {
    if (this.mood === 'well') this.#apply()
  }

  /** Requests that it has in flight to a replica. */
  inFlightTo(replicaUid: string): number {
    return this.#ground.held.get(replicaUid) ?? 0
  }

  /** @throws SkykeepError UNAVAILABLE */
  answer({ method, path, body }: ControlRequest): unknown {
    if (this.mood === 'silent' || this.mood === 'dead') throw this.#unavailable('does not answer')
    const url = new URL(path, 'http://gateway')
    const answer = this.#answer(`${method} ${url.pathname}`, url.searchParams, body)
    if (!this.losesReply) return answer
    this.losesReply = false
    throw this.#unavailable('lost its answer')
  }

  #answer(route: string, query: URLSearchParams, body: unknown): unknown {
    switch (route) {
      case 'GET /status':
        return this.#status()
      case 'POST /reload':
        this.#apply()
        return this.#status()
      case 'GET /counts':
        return this.#after(Number(query.get('after')))
      case 'POST /counts/ack': {
        const seq = numberIn(body, 'seq')
        this.#counts = this.#counts.filter((count) => count.seq > seq)
        return {}
      }
      case 'GET /running':
        return []
      case 'GET /unfinished':
        return { reports: this.#reports }
      case 'POST /unfinished/ack': {
        const epoch: unknown = Reflect.get(Object(body), 'epoch')
        this.#reports = this.#reports.filter((report) => report.epoch !== epoch)
        return {}
      }
      default:
        throw new SkykeepError('INTERNAL', `the simulated gateway knows nothing of ${route}`)
    }
  }

  #apply(): void {
    const { table } = this.#ground
    if (this.mood === 'deaf' || table === null || table.version <= (this.#table?.version ?? -1)) return
    this.#table = table
  }

  #status(): GatewayStatus {
    this.#count()
    const { blockedPorts, held } = this.#ground
    const ports = (this.#table?.services ?? []).map(({ port }) => port)
    const loads = this.#loads()
    return {
      slot: 0,
      pid: 1,
      epoch: this.epoch,
      appliedVersion: this.#table?.version ?? -1,
      boundPorts: ports.filter((port) => !blockedPorts.has(port)),
      blockedPorts: ports
        .filter((port) => blockedPorts.has(port))
        .map((port) => ({ port, reason: 'EADDRINUSE' })),
      inFlight: Object.fromEntries([...held].filter(([, count]) => count > 0)),
      inFlightByService: Object.fromEntries(
        loads
          .filter(([uid, { inFlight }]) => inFlight > 0 && this.#takers(uid) > 0)
          .map(([uid, { inFlight }]) => [uid, inFlight]),
      ),
      parked: Object.fromEntries(loads.flatMap(([uid, each]) => this.#parked(uid, each))),
      ejected: [],
      siblings: [],
      countsSinceSecond: this.#since,
      unacked: { counts: this.#counts.length, closedSecond: this.#countedTo, reports: this.#reports.length },
    }
  }

  #loads(): readonly (readonly [string, ServiceLoad])[] {
    return this.#ground.isTaking(this.name) ? [...this.#ground.load] : []
  }

  /** With no replica to take them, all that come wait. */
  #parked(uid: string, { inFlight, parked, perSecond }: ServiceLoad): readonly (readonly [string, number])[] {
    const waiting = this.#takers(uid) > 0 ? parked : inFlight + parked + Math.ceil(perSecond)
    return waiting > 0 ? [[uid, waiting]] : []
  }

  #takers(serviceUid: string): number {
    return this.#routeOf(serviceUid)?.replicas.filter(({ isDraining }) => !isDraining).length ?? 0
  }

  #routeOf(serviceUid: string): ServiceRoute | undefined {
    return this.#table?.services.find((service) => service.serviceUid === serviceUid)
  }

  #after(seq: number): CountsBatch {
    this.#count()
    const counts = this.#counts.filter((count) => count.seq > seq)
    return {
      epoch: this.epoch,
      counts,
      lastSeq: counts.at(-1)?.seq ?? seq,
      completeToSecond: this.#countedTo,
    }
  }

  /** Makes the counts of every second that went by: what comes in one ends in it. */
  #count(): void {
    const last = this.#nowSecond() - 1
    // Ten minutes are kept, as a gateway does.
    for (let second = Math.max(this.#countedTo + 1, last - 599); second <= last; second += 1) {
      for (const [serviceUid, load] of this.#loads()) this.#countSecond(second, serviceUid, load)
    }
    this.#countedTo = Math.max(this.#countedTo, last)
  }

  #countSecond(second: number, serviceUid: string, { perSecond, inFlight, parked }: ServiceLoad): void {
    const takers = this.#routeOf(serviceUid)?.replicas.filter(({ isDraining }) => !isDraining) ?? []
    const ended = share(perSecond, second)
    if (ended === 0 && inFlight === 0 && parked === 0) return
    const version = takers[second % Math.max(takers.length, 1)]?.version ?? 0
    this.#seq += 1
    this.#counts.push({
      seq: this.#seq,
      epoch: this.epoch,
      second,
      serviceUid,
      version,
      started: ended,
      ended: takers.length > 0 ? ended : 0,
      failed: 0,
      byClass: [takers.length > 0 ? ended : 0, 0, 0, 0],
      sumMs: ended * 10,
      inFlightPeak: takers.length > 0 ? inFlight : 0,
      parkedPeak: takers.length > 0 ? parked : inFlight + parked + ended,
    })
  }

  #nowSecond(): number {
    return Math.floor(this.#ground.clock.now() / 1000)
  }

  #unavailable(what: string): SkykeepError {
    return new SkykeepError('UNAVAILABLE', `${this.name} ${what}`)
  }
}

/** A whole number for each second that adds up to the rate. */
function share(perSecond: number, second: number): number {
  return Math.floor(perSecond * (second + 1)) - Math.floor(perSecond * second)
}

function numberIn(body: unknown, key: string): number {
  const value: unknown = Reflect.get(Object(body), key)
  if (typeof value === 'number') return value
  throw new SkykeepError('INTERNAL', `no number ${key} in the request`)
}
