/** What SkyPilot's contract tells a task about where it runs (yaml-spec, "environment variables"). */
export interface TaskPlace {
  /** Stable across recoveries of the same task. */
  readonly taskId: string
  readonly user: string
  /** IPs of all nodes in rank order. */
  readonly nodeIps: readonly string[]
  readonly nodeRank: number
  /** Fractions count as one. */
  readonly gpusPerNode: number
  readonly cluster: {
    readonly name: string
    readonly cloud: string
    readonly region: string
    readonly zone: string
  }
  /** Id of a service's replica, where the task is one. */
  readonly replicaId?: number
  /** Where the task is asked to listen, where the infra hands out ports. */
  readonly port?: number
}

export interface ContractEnv {
  readonly setupEnv: Readonly<Record<string, string>>
  readonly runEnv: Readonly<Record<string, string>>
}

/** The variables of SkyPilot's contract, for setup and for run; the same names and forms, so that its tasks run unchanged. */
export function contractEnv(place: TaskPlace): ContractEnv {
  const ips = place.nodeIps.join('\n')
  const gpus = String(Math.ceil(place.gpusPerNode))
  const both: Record<string, string> = {
    SKYPILOT_NUM_NODES: String(place.nodeIps.length),
    SKYPILOT_TASK_ID: place.taskId,
    SKYPILOT_USER: place.user,
    SKYPILOT_CLUSTER_INFO: JSON.stringify({
      cluster_name: place.cluster.name,
      cloud: place.cluster.cloud,
      region: place.cluster.region,
      zone: place.cluster.zone,
    }),
    ...(place.replicaId === undefined ? {} : { SKYPILOT_SERVE_REPLICA_ID: String(place.replicaId) }),
    ...(place.port === undefined ? {} : { PORT: String(place.port) }),
  }
  return {
    setupEnv: {
      ...both,
      SKYPILOT_SETUP_NODE_RANK: String(place.nodeRank),
      SKYPILOT_SETUP_NODE_IPS: ips,
      SKYPILOT_SETUP_NUM_GPUS_PER_NODE: gpus,
    },
    runEnv: {
      ...both,
      SKYPILOT_NODE_RANK: String(place.nodeRank),
      SKYPILOT_NODE_IPS: ips,
      SKYPILOT_NUM_GPUS_PER_NODE: gpus,
    },
  }
}
