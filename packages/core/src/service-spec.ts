/** What a service YAML says, typed: made by `@skykeep/spec`, stored as JSON with `specVersion`, read by the controllers. */
export interface ServiceSpec {
  readonly specVersion: 1
  readonly name: string
  readonly task: TaskSpec
  readonly service: ServingSpec
}

export interface TaskSpec {
  /** Absolute local folder copied into the version's immutable folder; absent: an empty working folder. */
  readonly workdir?: string
  /** POSIX/bash text run once per node before `run`. */
  readonly setup?: string
  readonly run: string
  readonly envs: Readonly<Record<string, string>>
  /** Names only; the values are encrypted rows. */
  readonly secretNames: readonly string[]
  readonly resources: ResourcesSpec
}

export interface ResourcesSpec {
  readonly infra: InfraName
  /** vCPUs wanted; `atLeast` for the `4+` form. */
  readonly cpus?: Amount
  /** GiB wanted; `atLeast` for the `32+` form. */
  readonly memoryGib?: Amount
  /** Ports that the task listens on as written; empty: the task listens on `$PORT`. */
  readonly ports: readonly number[]
  /** Any of these will do (the cheapest that can be had), in this order when `isOrdered`; absent: none is needed. */
  readonly accelerators?: readonly Accelerator[]
  readonly isAcceleratorOrdered?: boolean
  /** Capacity that the infra may take back at any time, for less money. Absent: false. */
  readonly useSpot?: boolean
}

export interface Accelerator {
  /** As the infra calls it: `L4`. */
  readonly name: string
  readonly count: number
}

export interface Amount {
  readonly value: number
  readonly atLeast: boolean
}

export const infraNames = ['local', 'sim'] as const
export type InfraName = (typeof infraNames)[number]

export interface ServingSpec {
  readonly readinessProbe: ReadinessProbe
  /** Wanted number of replicas, 0 to 100; with `scaling` the number to begin with, which is its minimum. */
  readonly replicas: number
  /** Absent: always `replicas`. */
  readonly scaling?: ScalingSpec
  /** Off-hours; absent: none. A schedule that a person sets on the service wins. */
  readonly schedule?: ScheduleSpec
  /** How a later version takes over; absent: `defaultUpdatePolicy`. */
  readonly update?: UpdatePolicy
  /** TLS at the gateway: the files stand in the version's folder as tls/cert.pem and tls/key.pem. */
  readonly tls?: TlsSpec
  /** Highest number of requests that the gateway has in flight to one replica; the rest wait. Absent: no limit. */
  readonly maxConcurrencyPerReplica?: number
  /** Requests that may wait for a replica; absent: 100 where the service can scale to zero or has a limit, else none. */
  readonly maxParkedRequests?: number
  /** Longest that one waits, seconds; absent: 120. */
  readonly parkingTimeoutSeconds?: number
  readonly loadBalancingPolicy: LoadBalancingPolicy
  /** What consistent_hash goes by; present with that policy only. */
  readonly hash?: HashSpec
  /** Replicas in the gateway's own zone first, until they carry more than their part. Absent: false. */
  readonly prefersSameZone?: boolean
  /** The task's own fixed port that the service forwards to; absent: each replica's `$PORT`. */
  readonly replicaPort?: number
  /** The longest silence of a response before the gateway ends it; 120 where absent (SkyPilot's default). */
  readonly streamTimeoutSeconds?: number
  /** Who may ask the endpoint, and how often; absent: everybody, without limit. */
  readonly access?: AccessSpec
  /** Absent: what replicas answer takes none of them out. */
  readonly outlierDetection?: OutlierSpec
  /** When a request that may be repeated is given to a second replica as well; absent: never. */
  readonly hedge?: HedgeSpec
  /** A part of the requests, 0 to 1, is logged by the gateway; absent: none. */
  readonly accessLog?: { readonly sample: number }
}

/** `service.load_balancer.hedge`: how long the first byte of an answer is waited for. One of the two. */
export interface HedgeSpec {
  /** 0.001 to 300. */
  readonly afterSeconds?: number
  /** Of the recent times to the first byte: 50 to 99.9. */
  readonly percentile?: number
}

/** `service.load_balancer.outlier_detection`. Each gateway process decides by what it sees itself. */
export interface OutlierSpec {
  /** 5xx answers in a row that take a replica out: 1 to 1000. */
  readonly consecutiveErrors: number
  /** Highest share of 5xx in an interval above that of the other replicas together: 0 to 1. */
  readonly maxErrorRatio: number
  /** Answers that a replica, and the others together, must have given in an interval before it is judged by its share: 1 to 100000. */
  readonly minRequests: number
  /** 1 to 3600. */
  readonly intervalSeconds: number
  /** How long a replica is out the first time: 1 to 3600. Each further time it is out for as much longer, up to ten times that. */
  readonly ejectionSeconds: number
  /** Highest share of the replicas that may be out at once, at least one of two or more: 1 to 50. */
  readonly maxEjectedPercent: number
}

/** Envoy's, but for the share: a fifth is what may be replaced at a time for health. */
export const defaultOutliers: OutlierSpec = {
  consecutiveErrors: 5,
  maxErrorRatio: 0.3,
  minRequests: 20,
  intervalSeconds: 10,
  ejectionSeconds: 30,
  maxEjectedPercent: 20,
}

/** `service.load_balancer.access`. Limits hold over all gateway processes together. */
export interface AccessSpec {
  /** Ranges of client addresses, CIDR or single ones; absent: every address. */
  readonly allow?: readonly string[]
  /** Each request must show a living key of the service, or a token where `tokens` is there too. Absent: false. */
  readonly requireKey?: boolean
  /** Each request must show a signed token, or a key where `requireKey` is there too. Absent: no token is looked at. */
  readonly tokens?: TokensSpec
  /** Replicas see the field that held the key or the token. Absent: false. */
  readonly forwardKey?: boolean
  /** CORS preflights need neither. Absent: false. */
  readonly allowPreflight?: boolean
  /** Of the whole service; absent: no limit. */
  readonly requestsPerSecond?: number
  /** Requests at once after a pause; absent: one second of `requestsPerSecond`, at least 1. */
  readonly burst?: number
  /** Of each key; absent: no limit. */
  readonly keyRequestsPerSecond?: number
  readonly keyBurst?: number
}

/** `service.load_balancer.access.tokens`: which JSON Web Tokens (RFC 7519) let a request in. */
export interface TokensSpec {
  /** 1 to 20; no two of one `kid`, at most one without. */
  readonly publicKeys: readonly TokenKeySpec[]
  /** The token's `iss` must be this; absent: it is not looked at. */
  readonly issuer?: string
  /** The token's `aud` must be or hold this; absent: a token with an `aud` is refused (RFC 7519 §4.1.3). */
  readonly audience?: string
  /** By how much clocks may differ, seconds: 0 to 300. */
  readonly leewaySeconds: number
  /** A token whose `exp` is later than this after its `iat` is refused: 60 to 31536000 seconds. Every token needs both. */
  readonly maxLifetimeSeconds: number
  /** Each claim must be this text, or a list (for `scope` words) that has it. */
  readonly requiredClaims?: Readonly<Record<string, string>>
  /** Of each subject (`sub`); absent: no limit. */
  readonly requestsPerSecond?: number
  readonly burst?: number
  /** The header in which a replica finds the subject; absent: none. */
  readonly subjectHeader?: string
}

/** A limit with the burst that holds where none is said: one second of it, at least 1. Null: no limit. */
export function rateOf(
  requestsPerSecond: number | undefined,
  burst: number | undefined,
): { readonly requestsPerSecond: number; readonly burst: number } | null {
  if (requestsPerSecond === undefined) return null
  return { requestsPerSecond, burst: burst ?? Math.max(1, Math.ceil(requestsPerSecond)) }
}

/** By how long a revocation outlasts every token that it is about, seconds: the clocks of issuer and gateway may each be off. */
export function revocationSeconds({
  maxLifetimeSeconds,
  leewaySeconds,
}: Pick<TokensSpec, 'maxLifetimeSeconds' | 'leewaySeconds'>): number {
  return maxLifetimeSeconds + 2 * leewaySeconds
}

/** The signature algorithms of tokens: one a kind of key, so that no token can choose (RFC 8725 §3.1). */
export const tokenAlgorithms = ['EdDSA', 'ES256', 'RS256'] as const
export type TokenAlgorithm = (typeof tokenAlgorithms)[number]

/** One public key: as `spki` or as `jwk`, never both. */
export interface TokenKeySpec {
  /** Tokens that name it are checked with this key; absent: those that name no other key. */
  readonly kid?: string
  readonly alg: TokenAlgorithm
  /** SubjectPublicKeyInfo (RFC 5280 §4.1), DER in base64. */
  readonly spki?: string
  /** Its public members only (RFC 7517, RFC 8037). */
  readonly jwk?: Readonly<Record<string, string>>
}

export const loadBalancingPolicies = [
  'least_load',
  'round_robin',
  'instance_aware_least_load',
  'power_of_two_choices',
  'consistent_hash',
] as const
export type LoadBalancingPolicy = (typeof loadBalancingPolicies)[number]

export const hashSources = ['header', 'cookie', 'path', 'client_address', 'prompt'] as const
export type HashSource = (typeof hashSources)[number]

/** What of a request decides which replica it belongs to; a request without it goes by least_load. */
export interface HashSpec {
  readonly by: HashSource
  /** Of the header or the cookie; absent for the others. A header's in any case. */
  readonly name?: string
  /** How much of a prompt counts, bytes: 1 to 8192; present for `prompt` only. */
  readonly prefixBytes?: number
  /** Highest number in flight to one replica, as a multiple of the mean: 1 to 100. */
  readonly loadFactor: number
}

export const defaultLoadFactor = 1.25
export const defaultPrefixBytes = 256

/** Defaults are SkyPilot's (`sky/serve/constants.py`): 1200 s, 15 s, 10 s, 180 s. */
export interface ReadinessProbe {
  readonly path: string
  readonly initialDelaySeconds: number
  readonly timeoutSeconds: number
  readonly intervalSeconds: number
  readonly failureThresholdSeconds: number
  readonly headers: Readonly<Record<string, string>>
  /** JSON text to POST; absent: GET. */
  readonly postBody?: string
}

/** SkyPilot's `replica_policy`, with what it lacks. Delays default to 300 s and 1200 s (`sky/serve/constants.py`). */
export interface ScalingSpec {
  readonly minReplicas: number
  readonly maxReplicas: number
  readonly metric: ScalingMetric
  /** Extra replicas above what the load asks for. */
  readonly numOverprovision: number
  readonly upscaleDelaySeconds: number
  readonly downscaleDelaySeconds: number
  /** On-demand replicas stand in for spot replicas that are not ready. */
  readonly isDynamicOndemandFallback: boolean
  /** Replicas that always run on demand. */
  readonly baseOndemandFallbackReplicas: number
  readonly spotPlacer?: 'dynamic_fallback'
}

export type ScalingMetric =
  | { readonly kind: 'fixed' }
  /** Requests a second over the last 60 s. */
  | { readonly kind: 'request_rate'; readonly targetQpsPerReplica: number }
  /** The same, by what each replica can take: keys such as `L4:1` or `L4`. */
  | { readonly kind: 'instance_aware'; readonly targetQpsByAccelerator: Readonly<Record<string, number>> }
  /** Requests in flight and waiting: follows in seconds. */
  | { readonly kind: 'in_flight'; readonly targetInFlightPerReplica: number }
  /** Requests that wait for a replica (SkyPilot's `QueueLengthAutoscaler`). */
  | { readonly kind: 'queue_length'; readonly queueLengthThreshold: number }

export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
export type Weekday = (typeof weekdays)[number]

/** Hours in which the service needs fewer replicas, or none. */
export interface ScheduleSpec {
  /** IANA name, such as `Europe/Berlin`. */
  readonly timeZone: string
  readonly offHours: readonly OffHours[]
  /** Replicas during off-hours, 0 to 100; 0: the endpoint answers 503 with the time at which it opens. */
  readonly replicas: number
  /** How long before the end of off-hours replicas are started, so that they are ready in time. 0 to 120. */
  readonly warmUpMinutes: number
}

export interface OffHours {
  /** Days on which it begins. */
  readonly days: readonly Weekday[]
  /** `HH:MM`, local time of the schedule's zone. */
  readonly from: string
  /** `HH:MM`; not after `from`: on the following day. */
  readonly to: string
}

export const updateModes = ['rolling', 'blue_green', 'canary'] as const
export type UpdateMode = (typeof updateModes)[number]

export interface UpdatePolicy {
  readonly mode: UpdateMode
  /** Replicas above the target while a rolling update runs: 1 to 100. */
  readonly maxSurge: number
  /** A new replica counts once it has been ready for so long, seconds. */
  readonly minReadySeconds: number
  /** Observed seconds without progress after which the update is rolled back. */
  readonly progressDeadlineSeconds: number
  readonly isAutomaticRollback: boolean
  readonly canary: CanaryPolicy
}

export interface CanaryPolicy {
  /** Share of the requests that the new version gets in each step, percent, rising: 1 to 99. */
  readonly stepPercents: readonly number[]
  /** How long each step lasts at least, observed seconds. */
  readonly bakeSeconds: number
  /** Requests that the new version must have answered in a step before it is judged. */
  readonly minRequests: number
  /** Highest share of failed requests (5xx and broken ones) above that of the old version: 0 to 1. */
  readonly maxErrorRatio: number
  /** Highest p95 latency as a multiple of the old version's. */
  readonly maxLatencyRatio: number
  /** Requests that carry it go to the new version, whatever its share; absent: the share alone decides. */
  readonly header?: HeaderMatch
}

export interface HeaderMatch {
  /** In any case. */
  readonly name: string
  /** The whole value, as it is. */
  readonly value: string
}

/** Five seconds of readiness: what crashes right after it began to answer costs no replica of the old version. */
export const defaultUpdatePolicy: UpdatePolicy = {
  mode: 'rolling',
  maxSurge: 1,
  minReadySeconds: 5,
  progressDeadlineSeconds: 600,
  isAutomaticRollback: true,
  canary: {
    stepPercents: [10, 50],
    bakeSeconds: 60,
    minRequests: 20,
    maxErrorRatio: 0.01,
    maxLatencyRatio: 2,
  },
}

export interface TlsSpec {
  /** As written: paths on the machine of the person who brought it up. */
  readonly certFile: string
  readonly keyFile: string
}
