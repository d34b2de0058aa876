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
}

export interface Amount {
  readonly value: number
  readonly atLeast: boolean
}

export const infraNames = ['local', 'sim'] as const
export type InfraName = (typeof infraNames)[number]

export interface ServingSpec {
  readonly readinessProbe: ReadinessProbe
  /** Wanted number of replicas, 0 to 100. */
  readonly replicas: number
  readonly loadBalancingPolicy: LoadBalancingPolicy
  /** The task's own fixed port that the service forwards to; absent: each replica's `$PORT`. */
  readonly replicaPort?: number
  /** The longest silence of a response before the gateway ends it; 120 where absent (SkyPilot's default). */
  readonly streamTimeoutSeconds?: number
}

export const loadBalancingPolicies = ['least_load', 'round_robin'] as const
export type LoadBalancingPolicy = (typeof loadBalancingPolicies)[number]

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
