import { latencyBoundsMs } from '@skykeep/core/routes'

/** The running second of one version of a service. */
export interface OpenSecond {
  readonly version: number
  started: number
  ended: number
  failed: number
  readonly byClass: [number, number, number, number]
  sumMs: number
  inFlightPeak: number
  parkedPeak: number
  readonly latency: number[]
}

const noDurations: readonly number[] = [...latencyBoundsMs.map(() => 0), 0]

/**
 * One service's requests as they are now, and its running second. A request's version is known only when it ends, so that
 * `started` and both peaks stand on version 0 and all else on the version that answered: the sum over versions is the service's.
 */
export class ServiceCounter {
  readonly uid: string
  /** Requests that began and did not end, those that wait included. */
  inFlight = 0
  /** Requests that wait for a replica. */
  parked = 0
  /** True once no table names the service. */
  isGone = false
  private own: OpenSecond | null = null
  private ofVersions: OpenSecond[] | null = null

  constructor(uid: string) {
    this.uid = uid
  }

  start(): void {
    const second = (this.own ??= this.openOwn())
    second.started += 1
    this.inFlight += 1
    if (this.inFlight > second.inFlightPeak) second.inFlightPeak = this.inFlight
  }

  /** @param version of the last replica that the request reached; 0: none. */
  end(version: number, status: number, hasFailed: boolean, tookMs: number): void {
    this.own ??= this.openOwn()
    this.inFlight -= 1
    const second = version === 0 ? this.own : this.secondOf(version)
    second.ended += 1
    second.sumMs += tookMs
    if (hasFailed) second.failed += 1
    const statusClass = Math.floor(status / 100) - 2
    if (statusClass >= 0 && statusClass <= 3) second.byClass[statusClass as 0 | 1 | 2 | 3] += 1 // 0 to 3 by the test before it
    const bucket = bucketOf(tookMs)
    second.latency[bucket] = (second.latency[bucket] ?? 0) + 1
  }

  park(): void {
    const second = (this.own ??= this.openOwn())
    this.parked += 1
    if (this.parked > second.parkedPeak) second.parkedPeak = this.parked
  }

  unpark(): void {
    this.own ??= this.openOwn()
    this.parked -= 1
  }

  private openOwn(): OpenSecond {
    return openSecond(0, this.inFlight, this.parked)
  }

  private secondOf(version: number): OpenSecond {
    const seconds = (this.ofVersions ??= [])
    for (const second of seconds) if (second.version === version) return second
    const opened = openSecond(version, 0, 0)
    seconds.push(opened)
    return opened
  }

  /** Hands the running second over, version 0 first, and opens the next one. Empty: nothing happened, and nothing is in flight. */
  close(): readonly OpenSecond[] {
    const { own, ofVersions } = this
    this.own = this.inFlight > 0 ? this.openOwn() : null
    this.ofVersions = null
    return own === null ? [] : [own, ...(ofVersions ?? [])]
  }
}

function openSecond(version: number, inFlightPeak: number, parkedPeak: number): OpenSecond {
  return {
    version,
    started: 0,
    ended: 0,
    failed: 0,
    byClass: [0, 0, 0, 0],
    sumMs: 0,
    inFlightPeak,
    parkedPeak,
    latency: noDurations.slice(),
  }
}

/** Most requests are short: the search begins at the lowest bound. */
function bucketOf(ms: number): number {
  let bucket = 0
  while (bucket < latencyBoundsMs.length && ms > (latencyBoundsMs[bucket] ?? Infinity)) bucket += 1
  return bucket
}
