/** Status of a service as a person sees it. CONTROLLER_FAILED is computed when read (invariant 20), never stored. */
export const serviceStatuses = [
  'REPLICA_INIT',
  'READY',
  'NO_REPLICA',
  'PAUSED',
  'FAILED',
  'SHUTTING_DOWN',
  'TERMINATED',
] as const
export type ServiceStatus = (typeof serviceStatuses)[number]

/** Status of one replica: SkyPilot's words, stored rather than derived, with DRAINING and TERMINATED added. */
export const replicaStatuses = [
  'PENDING',
  'PROVISIONING',
  'STARTING',
  'READY',
  'NOT_READY',
  'DRAINING',
  'SHUTTING_DOWN',
  'TERMINATED',
] as const
export type ReplicaStatus = (typeof replicaStatuses)[number]

/** Why a replica ended, kept on its row once it leaves the living statuses. */
export const replicaOutcomes = [
  'REMOVED',
  'FAILED',
  'FAILED_SETUP',
  'FAILED_PROVISION',
  'FAILED_INITIAL_DELAY',
  'FAILED_PROBING',
  'PREEMPTED',
  'LOST',
] as const
export type ReplicaOutcome = (typeof replicaOutcomes)[number]

/** Status of an operation: one request of a person, followed to its end. */
export const operationStatuses = ['PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED'] as const
export type OperationStatus = (typeof operationStatuses)[number]

/** Status of a service's endpoint. BLOCKED: something else holds the port (invariant 16). RELEASED: a tombstone. */
export const endpointStatuses = ['PENDING', 'OPEN', 'BLOCKED', 'RELEASED'] as const
export type EndpointStatus = (typeof endpointStatuses)[number]

/** Status of a rollout: the way of a service from one version to another. ROLLING_BACK: on its way back to where it came from. */
export const rolloutStatuses = [
  'PROGRESSING',
  'ROLLING_BACK',
  'SUCCEEDED',
  'ROLLED_BACK',
  'SUPERSEDED',
] as const
export type RolloutStatus = (typeof rolloutStatuses)[number]

export const kinds = ['service', 'replica', 'operation', 'endpoint', 'rollout'] as const
export type Kind = (typeof kinds)[number]

export interface StatusOf {
  service: ServiceStatus
  replica: ReplicaStatus
  operation: OperationStatus
  endpoint: EndpointStatus
  rollout: RolloutStatus
}

type Table<S extends string> = Readonly<Record<S, readonly S[]>>

/** For each kind, from each status, where it may go. Staying where it is is never a transition. */
export const transitions: { readonly [K in Kind]: Table<StatusOf[K]> } = {
  service: {
    REPLICA_INIT: ['READY', 'FAILED', 'NO_REPLICA', 'PAUSED', 'SHUTTING_DOWN'],
    READY: ['NO_REPLICA', 'FAILED', 'PAUSED', 'SHUTTING_DOWN'],
    NO_REPLICA: ['READY', 'REPLICA_INIT', 'FAILED', 'PAUSED', 'SHUTTING_DOWN'],
    PAUSED: ['READY', 'REPLICA_INIT', 'NO_REPLICA', 'FAILED', 'SHUTTING_DOWN'],
    FAILED: ['READY', 'REPLICA_INIT', 'NO_REPLICA', 'PAUSED', 'SHUTTING_DOWN'],
    SHUTTING_DOWN: ['TERMINATED'],
    TERMINATED: [],
  },
  replica: {
    PENDING: ['PROVISIONING', 'SHUTTING_DOWN', 'TERMINATED'],
    PROVISIONING: ['STARTING', 'SHUTTING_DOWN'],
    STARTING: ['READY', 'SHUTTING_DOWN'],
    READY: ['NOT_READY', 'DRAINING', 'SHUTTING_DOWN'],
    NOT_READY: ['READY', 'DRAINING', 'SHUTTING_DOWN'],
    DRAINING: ['SHUTTING_DOWN'],
    SHUTTING_DOWN: ['TERMINATED'],
    TERMINATED: [],
  },
  operation: {
    PENDING: ['RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED'],
    RUNNING: ['SUCCEEDED', 'FAILED', 'CANCELLED'],
    SUCCEEDED: [],
    FAILED: [],
    CANCELLED: [],
  },
  endpoint: {
    PENDING: ['OPEN', 'BLOCKED', 'RELEASED'],
    OPEN: ['BLOCKED', 'RELEASED'],
    BLOCKED: ['OPEN', 'RELEASED'],
    RELEASED: [],
  },
  rollout: {
    PROGRESSING: ['SUCCEEDED', 'ROLLING_BACK', 'SUPERSEDED'],
    ROLLING_BACK: ['ROLLED_BACK', 'SUPERSEDED'],
    SUCCEEDED: [],
    ROLLED_BACK: [],
    SUPERSEDED: [],
  },
}

/** True when the transition table of `kind` lets a row go from `from` to `to`. */
export function canTransition<K extends Kind>(kind: K, from: StatusOf[K], to: StatusOf[K]): boolean {
  const table: Table<StatusOf[K]> = transitions[kind]
  return table[from].includes(to)
}

/** True when nothing can follow: the row is history. */
export function isTerminal<K extends Kind>(kind: K, status: StatusOf[K]): boolean {
  const table: Table<StatusOf[K]> = transitions[kind]
  return table[status].length === 0
}

/** Statuses in which a replica takes part in the target count: it lives or is about to. */
export const livingReplicaStatuses = ['PENDING', 'PROVISIONING', 'STARTING', 'READY', 'NOT_READY'] as const
