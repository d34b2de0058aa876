import type { EnvironmentVariables } from '@skykeep/core/environment'

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

const setupOnly = 'in setup: '
const runOnly = 'in run: '

/** Every variable that a workload gets from Skykeep. */
export const workloadVariables = {
  SKYPILOT_NUM_NODES: { meaning: 'Number of nodes.' },
  SKYPILOT_TASK_ID: { meaning: 'Id of the task, the same after a recovery.' },
  SKYPILOT_USER: { meaning: 'Who asked for it.' },
  SKYPILOT_CLUSTER_INFO: { meaning: 'JSON: cluster_name, cloud, region, zone.' },
  SKYPILOT_SERVE_REPLICA_ID: { meaning: 'Number of the replica, in a service.' },
  PORT: { meaning: 'The port to listen on, where the infra hands out ports (`local`).' },
  SKYPILOT_SETUP_NODE_RANK: { meaning: `${setupOnly}number of this node, from 0.` },
  SKYPILOT_SETUP_NODE_IPS: {
    meaning: `${setupOnly}addresses of all nodes in the order of their ranks, one a line.`,
  },
  SKYPILOT_SETUP_NUM_GPUS_PER_NODE: { meaning: `${setupOnly}GPUs of a node; a fraction counts as one.` },
  SKYPILOT_NODE_RANK: { meaning: `${runOnly}number of this node, from 0.` },
  SKYPILOT_NODE_IPS: { meaning: `${runOnly}addresses of all nodes in the order of their ranks, one a line.` },
  SKYPILOT_NUM_GPUS_PER_NODE: { meaning: `${runOnly}GPUs of a node; a fraction counts as one.` },
} as const satisfies EnvironmentVariables

type Variables = Partial<Record<keyof typeof workloadVariables, string>>

/** The variables of SkyPilot's contract, for setup and for run; the same names and forms, so that its tasks run unchanged. */
export function contractEnv(place: TaskPlace): ContractEnv {
  const ips = place.nodeIps.join('\n')
  const gpus = String(Math.ceil(place.gpusPerNode))
  const both: Variables = {
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
  const setupEnv: Variables = {
    ...both,
    SKYPILOT_SETUP_NODE_RANK: String(place.nodeRank),
    SKYPILOT_SETUP_NODE_IPS: ips,
    SKYPILOT_SETUP_NUM_GPUS_PER_NODE: gpus,
  }
  const runEnv: Variables = {
    ...both,
    SKYPILOT_NODE_RANK: String(place.nodeRank),
    SKYPILOT_NODE_IPS: ips,
    SKYPILOT_NUM_GPUS_PER_NODE: gpus,
  }
  return { setupEnv, runEnv }
}
