import type { TokenRevocationKind } from './service-key-views.ts'
import type {
  HashSpec,
  HeaderMatch,
  HedgeSpec,
  LoadBalancingPolicy,
  OutlierSpec,
  TokenKeySpec,
} from './service-spec.ts'

/** Everything the gateway needs to serve, in good times and in bad. Replaced whole; `version` only grows. */
export interface RouteTable {
  readonly format: 1
  readonly version: number
  readonly installationId: string
  readonly services: readonly ServiceRoute[]
}

export interface ServiceRoute {
  readonly serviceUid: string
  readonly serviceName: string
  /** Listening address of the service. */
  readonly host: string
  readonly port: number
  readonly policy: LoadBalancingPolicy
  /** What consistent_hash goes by; absent: that policy is least_load. */
  readonly hash?: HashSpec
  /** Replicas that are near come first, until they carry more than their part; absent: all are alike. */
  readonly prefersNear?: boolean
  /** Longest silence on a response, seconds (SkyPilot `stream_timeout_seconds`, default 120). */
  readonly streamTimeoutSeconds: number
  readonly replicas: readonly ReplicaRoute[]
  /** Shares of new requests by version, adding up to 100; absent: all replicas are alike. A share without a replica goes to the others. */
  readonly split?: readonly RouteShare[]
  /** Requests for which no replica has room wait; absent: they get 503 at once. */
  readonly parking?: ParkingRoute
  /** Highest number in flight to one replica, over all gateway processes; absent: no limit. */
  readonly maxConcurrencyPerReplica?: number
  /** Present: the service is closed, and every request gets 503 with this. */
  readonly closed?: ClosedRoute
  /** Present: the port speaks TLS. Paths relative to the persistent path; `digest` changes with their content. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string; readonly digest: string }
  /** Who may ask, and how often; absent: everybody, without limit. */
  readonly access?: AccessRoute
  /** Present: replicas that answer worse than the others are taken out for a while. */
  readonly outlierDetection?: OutlierRoute
  /** Present: a request that may be repeated is given to a second replica when the first is slow to answer. */
  readonly hedge?: HedgeRoute
  /** Present: a part of the requests, 0 to 1, is logged. */
  readonly accessLog?: { readonly sample: number }
}

export type OutlierRoute = OutlierSpec
export type HedgeRoute = HedgeSpec

export interface AccessRoute {
  /** Ranges of client addresses, CIDR; absent: every address. */
  readonly allow?: readonly string[]
  /**
   * Present: each request must show one of these (or a token), so that nobody gets in when it is empty. Hashes only, never a key.
   * Always there beside `tokens`, so that a gateway of an older program, which knows no tokens, lets nobody in.
   */
  readonly keys?: readonly KeyRoute[]
  /** Present: a signed token will do instead of a key. */
  readonly tokens?: TokensRoute
  /** The replica sees the field that held the key or the token; absent: it is removed. */
  readonly forwardsKey?: boolean
  /** A CORS preflight, which carries no credentials by the Fetch standard, needs neither. */
  readonly allowsPreflight?: boolean
  /** Of all requests of the service together, over all gateway processes. */
  readonly rate?: RateRoute
  /** Of the requests with one key, over all gateway processes. */
  readonly ratePerKey?: RateRoute
}

export interface KeyRoute {
  readonly name: string
  /** SHA-256 of the key, hex. */
  readonly hash: string
  /** Wall time from which on it is refused; absent: never by itself. */
  readonly expiresAtMs?: number
}

/** What a signed token must be to let a request in; the ranges are those of the spec. */
export interface TokensRoute {
  readonly keys: readonly TokenKeySpec[]
  readonly issuer?: string
  readonly audience?: string
  readonly leewaySeconds: number
  readonly maxLifetimeSeconds: number
  readonly claims?: Readonly<Record<string, string>>
  /** Of the requests of one subject, over all gateway processes. */
  readonly ratePerSubject?: RateRoute
  /** The replica finds the subject here, and nothing that a client wrote. */
  readonly subjectHeader?: string
  /** What was revoked and would hold still; absent: nothing. */
  readonly revoked?: readonly TokenRevocationRoute[]
}

export interface TokenRevocationRoute {
  /** `token`: the one with this `jti`. `subject`: all of this `sub` whose `iat` is until `atMs` and the leeway. */
  readonly kind: TokenRevocationKind
  readonly value: string
  /** Wall time of the revocation. */
  readonly atMs: number
}

export interface RateRoute {
  readonly requestsPerSecond: number
  /** Requests at once after a pause, 1 or more. */
  readonly burst: number
}

export interface RouteShare {
  readonly versions: readonly number[]
  readonly percent: number
  /** Requests that carry it go to these versions, whatever the share; at most one share has one. */
  readonly header?: HeaderMatch
}

export interface ParkingRoute {
  /** Over all gateway processes; past it 429 with Retry-After. */
  readonly maxRequests: number
  /** Past it 503 with Retry-After. */
  readonly timeoutSeconds: number
}

export interface ClosedRoute {
  readonly reason: 'PAUSED' | 'OFF_HOURS'
  /** One sentence for the person who asked. */
  readonly message: string
  /** Wall time at which it opens again, for Retry-After; null: nobody knows. */
  readonly opensAtMs: number | null
}

export interface ReplicaRoute {
  readonly replicaUid: string
  /** The small number that people see: `hello-3`. Never reused within a service. */
  readonly replicaId: number
  readonly version: number
  readonly host: string
  readonly port: number
  /** True: takes no new request, finishes those in flight. */
  readonly isDraining: boolean
  /** Requests a second that it can take, for instance_aware_least_load; absent: all alike. */
  readonly targetQps?: number
  /** It stands in the gateway's own zone; only said where the service prefers those. */
  readonly isNear?: boolean
}

/** What one gateway process says of itself: the answer to `GET /status` and `POST /reload`. */
export interface GatewayStatus {
  readonly slot: number
  readonly pid: number
  /** Unique per process life: journal and counts are keyed by it. */
  readonly epoch: string
  /** Version of the table that decides every new request from now on; -1 before the first. */
  readonly appliedVersion: number
  readonly boundPorts: readonly number[]
  /** Ports of the table that something else holds, with the reason. */
  readonly blockedPorts: readonly BlockedPort[]
  /** Requests in flight by replica uid, also of replicas that the table no longer names. */
  readonly inFlight: Readonly<Record<string, number>>
  /** Replica uids ejected now, with the reason and since when (ms since the Unix epoch). */
  readonly ejected: readonly Ejection[]
  readonly siblings: readonly { readonly slot: number; readonly pid: number }[]
  /** Requests that a replica has, by service uid; services without one are left out. */
  readonly inFlightByService?: Readonly<Record<string, number>>
  /** Requests that wait for a replica, by service uid; services without one are left out. */
  readonly parked?: Readonly<Record<string, number>>
  /** Persistent path that it serves from now. */
  readonly root?: string
  /** Second since the Unix epoch from which on no request is missing that a process counted which is gone. */
  readonly countsSinceSecond?: number
  /** What the worker has not acked yet; where it is not told, it has to be asked for. */
  readonly unacked?: Unacked
}

export interface Unacked {
  /** Closed seconds of `GET /counts`. */
  readonly counts: number
  /** The last closed second; with `counts` 0 all up to it are acked. */
  readonly closedSecond?: number
  /** Reports of `GET /unfinished`. */
  readonly reports: number
}

export interface BlockedPort {
  readonly port: number
  readonly reason: string
}

export interface Ejection {
  readonly replicaUid: string
  readonly reason: string
  readonly sinceMs: number
}

/** Per-second counts of one replica of a service (replica 0: of what reached none). Kept by the gateway until acked. */
export interface SecondCounts {
  readonly seq: number
  readonly epoch: string
  /** Second since the Unix epoch in which the requests ended (or, for `started`, began). */
  readonly second: number
  readonly serviceUid: string
  readonly started: number
  readonly ended: number
  readonly failed: number
  /** 2xx, 3xx, 4xx, 5xx. */
  readonly byClass: readonly [number, number, number, number]
  readonly sumMs: number
  /** Highest number in flight in that second. */
  readonly inFlightPeak: number
  /**
   * Version of the last replica that the request reached; 0 or absent: none. Each replica of a service counts for itself, but for
   * `started` and the peaks: a request's replica is known only when it ends, so that they stand on version 0 and replica 0.
   */
  readonly version?: number
  /** The last replica that the request reached, by the small number that people see; 0 or absent: none. */
  readonly replicaId?: number
  /** In flight when the second was over: to that replica; on replica 0, to none that a table names. The sum is the service's. */
  readonly inFlight?: number
  /** Highest number that waited for a replica in that second (of version 0). */
  readonly parkedPeak?: number
  /** Ended requests by duration: one number a bound of `latencyBoundsMs`, and one for what took longer. */
  readonly latency?: readonly number[]
}

/** Upper bounds of the latency histogram, milliseconds. */
export const latencyBoundsMs = [
  1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000,
] as const

export interface CountsBatch {
  readonly epoch: string
  readonly counts: readonly SecondCounts[]
  /** Highest seq in the batch, to be acked; the asked `after` when empty. */
  readonly lastSeq: number
  /** Every second up to this one is in the batch or was acked, or had no request; absent when the batch was cut short. */
  readonly completeToSecond?: number
}

/** A request as the journal keeps it: no query, no headers, no body. */
export interface UnfinishedRequest {
  readonly id: string
  readonly serviceUid: string
  readonly serviceName: string
  readonly method: string
  /** Path without query, cut at 512 bytes. */
  readonly path: string
  readonly replicaUid: string | null
  /** Milliseconds since the Unix epoch. */
  readonly sinceMs: number
  readonly kind: 'request' | 'stream' | 'websocket'
  /** `replica_lost`: broken while the gateway lived; absent: the gateway died (or the request still runs). */
  readonly cause?: 'replica_lost'
}
